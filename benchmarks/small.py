"""Small networks, where only many chips at once are worth a processor."""

from benchmarks.chips import changed, chip_windows, ideal, parts
from benchmarks.group import Case, Comparison, Finding, Outcome, Wanted, take_turns
from benchmarks.measure import Work
from benchmarks.notebook import loop
from benchmarks.numpy_loop import parity as numpy_parity
from neuromgd.options.config import Config
from neuromgd.plan.plan import plan

PARITY_CHIPS = 256
HOLD = 4
NIST_CHIPS = 100


def _timesteps(config: Config, windows: int, hold: int) -> Work:
    work = chip_windows(config, windows)
    return work._replace(units=work.units * hold)


def parity(wanted: Wanted) -> Outcome:
    """Measures 2-bit parity, 2-2-1, by the timestep of one chip."""
    many = {"task": "parity", "chips": PARITY_CHIPS}
    every = {"tau_sample": 1, "tau_perturbation": 1, "tau_update": 1}
    cases = {
        "numpy-parity": Case("NumPy loop, one chip", lambda n: numpy_parity(n, HOLD), 500),
        "parity": Case(
            f"{PARITY_CHIPS} ideal chips, τ = (1, 4, 4)",
            lambda n: _timesteps(ideal(**many), n, HOLD), 1000,
        ),
        "parity-every": Case(
            f"{PARITY_CHIPS} ideal chips, τ = (1, 1, 1)",
            lambda n: _timesteps(ideal(**many, **every), n, 1), 2000,
        ),
        "parity-default": Case(
            f"{PARITY_CHIPS} default chips, τ = (1, 4, 4)",
            lambda n: _timesteps(changed(Config(), **many), n, HOLD), 500,
        ),
    }  # fmt: skip
    outcome = take_turns(
        wanted, "chip-timestep", cases,
        tuple(Comparison("numpy-parity", name) for name in cases if name != "numpy-parity"),
    )  # fmt: skip
    kept = [finding for finding in outcome.findings if not finding.name.endswith("/ numpy-parity")]
    speeds = [
        Finding(
            f"speed of {name}", 1 / timing.median, "chip-timesteps/s",
            at_least=1.5e7 if name == "parity" else None,
        )
        for name, timing in outcome.timings.items()
    ]  # fmt: skip
    return outcome._replace(findings=speeds + kept)


def nist7x7(wanted: Wanted) -> Outcome:
    """Measures nist7x7, 49-4-4, by the window of one chip, against the notebook's loop."""
    config = ideal(task="nist7x7", chips=NIST_CHIPS)
    todo = plan(config, parts(config))
    cases = {
        "nist-notebook": Case("the notebook's loop", lambda n: loop(todo, n, False), 100),
        "nist-notebook-fused": Case(
            "its loop, one compiled call a batch", lambda n: loop(todo, n, True), 100
        ),
        "nist7x7": Case(f"{NIST_CHIPS} ideal chips", lambda n: chip_windows(config, n), 200),
    }
    outcome = take_turns(
        wanted, "window of a chip", cases,
        (
            Comparison("nist-notebook", "nist7x7", at_least=100),
            Comparison("nist-notebook-fused", "nist7x7"),
        ),
    )  # fmt: skip
    kept = [finding for finding in outcome.findings if finding.name.endswith("/ nist7x7")]
    return outcome._replace(findings=kept)
