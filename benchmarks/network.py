"""The large network: 784-128-64-10 with 128 samples a window, against two bare forward passes."""

from functools import partial

from benchmarks.chips import CONVERTERS, MNIST, NOISY, changed, chip_windows, ideal, parts
from benchmarks.group import Case, Comparison, Outcome, Wanted, take_turns
from benchmarks.notebook import loop
from benchmarks.plain import backprop, two_passes
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan, plan
from neuromgd.synapse.codes import CODES

EVERY = {"tau_sample": 1, "tau_perturbation": 1, "tau_update": 128}


def _todo() -> Plan:
    config = ideal(**MNIST)
    return plan(config, parts(config))


def _chip(config: Config):
    return partial(chip_windows, config)


def _every(code: str, engine: str) -> Config:
    # A fresh perturbation for every sample.
    return ideal(**MNIST, **EVERY, synapse={"code": code}, engine=engine)


def cases() -> dict[str, Case]:
    """Returns the cases that this version can run."""
    result = {
        "floor": Case("two bare forward passes", lambda n: two_passes(_todo(), n), 200),
        "ideal": Case("held perturbation, ideal chip", _chip(ideal(**MNIST)), 200, at_most=1.6),
        "noisy": Case(
            "cost noise, 8-bit ΔC, amplitude spread, pulses with cycle noise",
            _chip(changed(NOISY, **MNIST)), 100, at_most=2.5,
        ),
        "residue": Case(
            "noisy, with a residue that is written from two pulses on",
            _chip(changed(
                NOISY, **MNIST, synapse={"residue": True}, device={"write_threshold_pulses": 2.0}
            )),
            100,
        ),
        "converters": Case(
            "the same, 8-bit DAC and ADC, read noise",
            _chip(changed(CONVERTERS, **MNIST)), 100, at_most=3.5,
        ),
        "default": Case("the default chip", _chip(changed(Config(), **MNIST)), 100),
        "node": Case(
            "neurons kicked anew for every sample",
            _chip(ideal(**MNIST, **EVERY, learning={"mode": "node"})), 100, at_most=2.0,
        ),
    }  # fmt: skip
    gated = changed(
        _every("product", "window"), synapse={"gate": "pre,post"}, network={"activation": "relu"}
    )
    result["gated"] = Case("the same kicks of products, gated", _chip(gated), 20, at_most=2.5)
    for code, bound in (("product", 2.5), ("rademacher", 12)):
        if code not in CODES:
            print(f"skipped: {code} and {code}-step, there is no such code yet")
            continue
        what = f"a {code} kick for every sample"
        windows = 20 if code == "product" else 5
        result[code] = Case(what, _chip(_every(code, "window")), windows, bound)
        result[f"{code}-step"] = Case(f"{what}, step by step", _chip(_every(code, "step")), 2)
    return result | {
        "notebook": Case("the notebook's loop", lambda n: loop(_todo(), n, False), 40),
        "notebook-fused": Case(
            "its loop, one compiled call a batch", lambda n: loop(_todo(), n, True), 40
        ),
        "backprop": Case("value_and_grad and sgd", lambda n: backprop(_todo(), n), 200),
    }


COMPARISONS = (
    Comparison("product-step", "product", at_least=10),
    Comparison("rademacher-step", "rademacher", at_least=1.5),
    Comparison("residue", "noisy", at_most=1.1),
    Comparison("notebook", "ideal", at_least=3),
    Comparison("notebook-fused", "ideal"),
    Comparison("backprop", "ideal"),
)


def run(wanted: Wanted) -> Outcome:
    """Measures the cases."""
    return take_turns(wanted, "window", cases(), COMPARISONS)
