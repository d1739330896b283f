"""Every option alone changes what is run, or is refused in one line that says what it needs."""

import typing
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.cell_numbers import CELL_NUMBERS
from neuromgd.errors import InputError
from neuromgd.names import LAWS
from neuromgd.needs import CELL_NEEDS, WORDS
from neuromgd.options.checks import KNOWN, OPTION_NEEDS, leaves
from neuromgd.options.config import Config
from neuromgd.options.device import IDEAL_CELL, OPTIONS
from neuromgd.options.read import base, checked, from_file, settled, to_toml
from neuromgd.plan.clock import clock
from neuromgd.plan.plan import Parts, plan
from neuromgd.study.identity import options_kept
from tests.conformance.effects import CHOSEN, EFFECTS, TECHNOLOGIES

START = settled(Config(task="parity", windows=4, chips=2))
# What places, seeds, watches or computes a run, but is no part of its plan.
ELSEWHERE = {
    "chips", "seed", "generator", "engine", "log_every", "shard_arrays", "memory", "baseline",
    "out", "ideal", "stop_at",
}  # fmt: skip
SPECIAL = {
    "task": "yinyang", "metric": "rms_error", "platform": "pcm_14nm",
    "device.sheet": "gokmen_vlasov2016",
    "network.hidden": (3,), "network.model": "rnn", "network.heads": 4, "length": 5,
    "device.law": "exponential", "out": "/tmp/elsewhere",
    "data_dir": "/nowhere", "batch": 8, "steps": 40, "windows": 7, "epochs": 9.0,
    "device.weight_min": -0.7, "device.weight_max": 0.7, "device.temperature": 350.0,
    "device.asymmetry_joining": "sum", "device.nonlinearity_draws": "independent",
    "device.nonlinearity_bound": "mean",
    "network.output_activation": "linear", "shard_arrays": True, "chips": 1,
    "learning.mode": "node", "learning.rates": "0.1,0.2", "synapse.register_taps": 0b1100,
    "synapse.amplitudes": "0.001,0.002",
    "transfer.device": "gokmen_vlasov2016",
}  # fmt: skip
NAMES = list(leaves(Config()))
# Some of its neurons fire.
SPIKING = {
    "network.model": "spiking", "network.hidden": (30,), "network.initial_weights": "uniform",
}  # fmt: skip
# Where an option that is refused alone has its effect.
WITH: dict[str, dict[str, Any]] = {
    "array.dac_range": {"array.dac_bits": 8},
    "array.adc_range": {"array.adc_bits": 8},
    "array.centre_windows": {"learning.mode": "node"},
    "array.dac_is_unipolar": {"array.dac_bits": 8},
    "array.adc_gain_spread": {"array.adc_bits": 8},
    "array.adc_offset_spread": {"array.adc_bits": 8},
    "array.adc_nonlinearity": {"array.adc_bits": 8},
    "array.ir_drop": {"array.cell_conductance": 1e-5},
    "array.cell_conductance": {"array.ir_drop": 1.0},
    "array.bias_range": {"array.bias_bits": 8},
    "array.read_voltage": {"array.conduction_voltage": 0.5},
    "array.conduction_voltage": {"array.read_voltage": 0.5},
    "network.width": {"network.model": "vgg", "task": "digits"},
    "network.heads": {"network.model": "transformer"},
    "network.ticks": SPIKING,
    "network.membrane": SPIKING,
    "length": {"task": "delayed_parity"},
    "learning.decay": {"learning.schedule": "inverse"},
    "learning.momentum": {"learning.rule": "momentum"},
    "learning.memory_bits": {"learning.rule": "adam", "learning.memory_range": 1.0},
    "learning.memory_range": {"learning.rule": "momentum"},
    "learning.beta1": {"learning.rule": "adam"},
    "learning.beta2": {"learning.rule": "adam"},
    "learning.epsilon": {"learning.rule": "adam"},
    **{f"device.{name}": {f"device.{one}": value for one, value in numbers.items()}
       for name, numbers in CHOSEN.items()},
    "synapse.node_amplitude": {"learning.mode": "node"},
    "synapse.gate": {"learning.mode": "node", "network.activation": "relu"},
    "synapse.amplitude_of": {"synapse.code": "sequential"},
    "synapse.kick_share": {"synapse.code": "sparse"},
    "synapse.rank": {"synapse.code": "low_rank"},
    "synapse.register_bits": {"synapse.code": "lfsr"},
    "synapse.register_taps": {"synapse.code": "lfsr", "synapse.register_bits": 4},
    "synapse.storage_bits": {"synapse.storage_range": 2.0},
    "synapse.storage_range": {"synapse.storage_bits": 8},
    "synapse.accumulator_bits": {"synapse.accumulator_range": 2.0},
    "synapse.accumulator_rounding": {
        "synapse.accumulator_range": 2.0, "synapse.accumulator_bits": 8,
    },
    "synapse.residue_bits": {"synapse.residue": True, "synapse.residue_range": 2.0},
    "synapse.residue_range": {"synapse.residue": True},
    "synapse.residue_rounding": {
        "synapse.residue": True, "synapse.residue_range": 2.0, "synapse.residue_bits": 8,
    },
    "synapse.residue_leak": {"synapse.residue": True},
    "synapse.residue_noise": {"synapse.residue": True},
    "synapse.stored_perturbations": {"bus.delay": 5},
    "bus.cost_bits": {"bus.cost_range": 2.0},
    "bus.cost_range": {"bus.cost_bits": 8},
    "bus.delta_clip_windows": {"bus.delta_clip": 3.0},
    "bus.drop_scope": {"bus.drop_rate": 0.1},
    **{f"transfer.{name}": {"transfer.every": 2}
       for name in ("device", "gain", "share", "rows", "verified", "inversion", "keep")},
    "tracking.period": {"tracking.weights": 0.1},
    "tracking.shape": {"tracking.period": 5, "tracking.biases": 0.1},
    **{f"tracking.{name}": {"tracking.period": 5}
       for name in ("weights", "biases", "angle", "labels")},
    "bus.high_pass": {"learning.mode": "analog"},
    "bus.pass_order": {"platform": "pcm_14nm", "tau_update": 4, "tau_perturbation": 4},
    "replicas": {
        "platform": "pcm_14nm", "task": "digits", "network.model": "cnn", "network.hidden": (4,),
    },
}  # fmt: skip


def kind_of(name: str) -> Any:
    kind: Any = Config
    for key in name.split("."):
        kind = typing.get_type_hints(kind, include_extras=True)[key]
    return kind


def other(name: str, default: Any) -> Any:
    """Returns an allowed value that is not the default."""
    if name in SPECIAL:
        return SPECIAL[name]
    words = [
        word
        for one in (kind_of(name), *typing.get_args(kind_of(name)))
        for word in typing.get_args(one)
        if typing.get_origin(one) is typing.Literal
    ]
    for value in (*words, not default, 0.3, 5, 60.0):
        if value == default or (isinstance(value, bool) and not isinstance(default, bool)):
            value = True if name == "device.is_pair" else default
        try:
            if value != default and value is not None:
                return msgspec.convert(value, kind_of(name))
        except msgspec.ValidationError:
            continue
    raise AssertionError(name)


def given(**options: Any) -> Config:
    """Returns the start with options of dotted names, with __ for the dot."""
    tree = msgspec.to_builtins(START)
    for name, value in options.items():
        *section, key = name.split("__")
        (tree[section[0]] if section else tree)[key] = value
    if "steps" in options or "epochs" in options:
        tree["windows"] = None
    return msgspec.convert(tree, Config)


def dotted(options: dict[str, Any]) -> dict[str, Any]:
    return {name.replace(".", "__"): value for name, value in options.items()}


def what_runs(config: Config) -> list[Any]:
    """Everything that a run is made of, as plain values."""
    config = checked(config)
    todo = plan(config)
    design = {
        name: value for name, value in vars(todo.design).items()
        if name not in ("network", "schedule")
    }  # fmt: skip
    # One program each, not one for every step of every array.
    first = jax.jit(todo.design.network.initialise)(jax.random.key(0))
    x = np.linspace(-1, 1, todo.data.train_x[0].size, dtype=np.float32)
    x = x.reshape(1, *todo.data.train_x.shape[1:])
    output = np.asarray(jax.jit(todo.design.network.apply)(first, jnp.asarray(x)))
    rates = [float(todo.design.schedule(n)) for n in (0, 3, todo.windows)]
    params, structure = jax.tree.flatten(todo.params)
    report = clock(config, todo.machine, todo.layers, todo.windows * todo.tau.update)
    return [
        config.task, todo.metric.name, todo.data.train_x.shape, todo.layers, todo.tau, todo.windows,
        rates,
        sorted((name, repr(value)) for name, value in design.items()),
        [np.asarray(leaf).tolist() for leaf in params], str(structure), output.tolist(),
        [np.asarray(leaf).tolist() for leaf in jax.tree.leaves(first)],
        report and (report.seconds, report.joules),
    ]  # fmt: skip


@cache
def start() -> list[Any]:
    return what_runs(START)


@pytest.mark.parametrize("name", NAMES)
def test_an_option_alone_does_something_or_is_refused(name):
    value = other(name, leaves(START)[name])
    try:
        alone = what_runs(given(**dotted({name: value})))
    except InputError as refused:
        told = str(refused)
        assert name in told or name.rpartition(".")[2] in told
        assert "\n" not in told
        return
    if name not in ELSEWHERE:
        assert alone != start()


@pytest.mark.parametrize("name", WITH)
def test_an_option_beside_what_it_needs_does_something(name):
    value = other(name, leaves(START)[name])
    without = what_runs(given(**dotted(WITH[name]))) if name not in NEITHER_ALONE else None
    assert what_runs(given(**dotted({name: value} | WITH[name]))) != without


# Two that need each other.
NEITHER_ALONE = {
    "array.ir_drop", "array.cell_conductance", "array.read_voltage", "array.conduction_voltage",
    "synapse.storage_bits", "synapse.storage_range",
    "bus.cost_bits", "bus.cost_range", "synapse.accumulator_bits",
    "tracking.period", "tracking.weights", "tracking.biases", "tracking.angle", "tracking.labels",
}  # fmt: skip


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_no_number_is_refused_where_it_acts(technology):
    numbers = {n: v for n, v in TECHNOLOGIES[technology].items() if n in OPTIONS}
    if technology == "pair":  # where only a polynomial asks for it, which no option gives
        del numbers["zero_signal_weight"]
    law = technology if technology in LAWS and technology != "linear" else None
    if any(technology in CELL_NUMBERS[name].of for name in CELL_NUMBERS.keys() - OPTIONS.keys()):
        return  # a law whose points no option gives, but a sheet
    cell = msgspec.structs.replace(IDEAL_CELL, law=law, seconds_per_timestep=1e-3, **numbers)
    if not {"drift_exponent", "telegraph_noise"} & numbers.keys():
        cell = msgspec.structs.replace(cell, seconds_per_timestep=None)
    config = msgspec.structs.replace(base(True), task="parity", device=cell)
    checked(config)
    for name, effect in EFFECTS.items():
        if effect.technology == technology and name in OPTIONS:
            some = msgspec.structs.replace(cell, **{name: effect.much})
            checked(msgspec.structs.replace(config, device=some))


@pytest.mark.parametrize(
    "options",
    [
        {"device.law": "exponential"},
        {"device.law": "lookup"},
        {"device.drift_exponent": 0.05, "device.seconds_per_timestep": 1e-3},
        {"device.flicker_noise": 0.1},
        {"device.programming_noise_saturation": 0.1},
        {"device.exponential_rate_up": 1.0},
        {"device.leak_spread": 0.1},
        {"device.verify_tolerance": 0.1},
        {"device.temperature": 300.0},
        {"device.levels": 16, "device.cycle_noise": 0.1},
        {"device.law": "ideal", "device.nonlinearity_up": 0.5},
        {"device.sheet": "epiram_choi2018", "device.programming_noise_scale": 0.1},
        {"bus.drop_scope": "chip"},
        {"learning.decay": 0.2},
        {"learning.momentum": 0.5},
        {"baseline": "backprop", "synapse.amplitude_spread": 0.3},
        {"kernel": "pallas", "synapse.code": "product"},
        {"data_dir": "/nowhere"},
    ],
)
def test_what_has_no_effect_is_refused_with_the_reason(options):
    with pytest.raises(InputError, match=r"has no effect (without|beside) ") as refused:
        checked(given(**dotted(options)))
    assert any(name in str(refused.value) for name in options)


def test_what_a_user_brings_leaves_options_without_effect():
    from neuromgd.bus.costs import COSTS

    with pytest.raises(InputError, match=r"network\.cost = .* beside a cost of your own"):
        plan(given(network__cost="cross_entropy"), Parts(cost=COSTS["mse"]))


@pytest.mark.parametrize("options", [*({name: 1} for name in WITH), {"platform": 1}])
def test_a_resolved_configuration_runs_again(tmp_path, options):
    values = {n: v for name in options for n, v in (WITH.get(name) or {}).items()}
    values |= {name: other(name, leaves(START)[name]) for name in options}
    config = checked(given(**dotted(values)))
    path = tmp_path / "config.toml"
    path.write_text(to_toml(config))
    assert leaves(from_file(path)) == leaves(config)


def test_a_run_is_the_same_as_a_file_keeps_it():
    """What a checkpoint tells of options is compared with what they are."""
    for name in NAMES:
        value = SPECIAL.get(name, leaves(START)[name])
        section, _, own = name.rpartition(".")
        part = msgspec.structs.replace(getattr(START, section), **{own: value}) if section else None
        one = msgspec.structs.replace(START, **({section: part} if section else {own: value}))
        options = options_kept(one)
        assert msgspec.json.decode(msgspec.json.encode(options)) == options, name


def test_every_need_is_of_something_that_there_is():
    known = {*CELL_NUMBERS, *CELL_CHOICES, *WORDS, *KNOWN, "own law"} | {
        name.removeprefix("device.") for name in NAMES
    }
    for name, needs in CELL_NEEDS.items():
        assert name in known
        assert {f.removeprefix("not ") for need in needs for f in need.split(" | ")} <= known
    assert {name.partition(" = ")[0] for name in OPTION_NEEDS} <= set(NAMES)
