"""Options that would have no effect on a run are refused, with what they need."""

from typing import Any

import msgspec

from neuromgd import names
from neuromgd.data import TASKS
from neuromgd.errors import InputError
from neuromgd.needs import CELL_NEEDS, WORDS, cell_facts, unmet
from neuromgd.numbers import CODE_NUMBERS, NETWORK_NUMBERS, RULE_NUMBERS, TASK_NUMBERS
from neuromgd.options.cell import chosen_cell, chosen_cells, sheets_of
from neuromgd.options.config import BusConfig, Config, SynapseConfig
from neuromgd.options.modes import (
    has_delta,
    has_frozen,
    is_continuous,
    kicks_neurons,
    kicks_weights,
)
from neuromgd.options.transfer import TransferConfig, slow_options
from neuromgd.preset import plain
from neuromgd.sheets.device import read_voltages

# What a library user may bring instead of what an option names.
PARTS = ("network", "cost", "metric", "rule", "code", "law", "mode")
# Facts of a run that are no option, and how they are told.
_TOLD = WORDS | {
    "files": "a task that reads files",
    "hidden layers": "hidden layers",
    "backprop": "backpropagation, which knows no such circuit",
    "own data": "data of your own",
    "neurons": "an array that kicks its neurons (learning.mode)",
    "weights": "an array that kicks its weights (learning.mode)",
    "frozen": "a frozen array (learning.mode)",
    "delta": "a delta rule, which learns in passes without kicks (learning.mode)",
    "continuous": "continuous time (learning.mode = analog)",
    **{f"model = {name}": f"network.model = {name}" for name in names.NETWORKS},
    **{f"own {part}": f"a {part} of your own" for part in PARTS},
}
_LEARNS = ("not backprop",)
_LAYERS = ("not own network",)
# Options of the cells that learn which slow cells beside them obey as well.
_OF_SLOW_CELLS = ("temperature_end",)
# Codes whose kicks are not all of one size.
_UNEVEN = ("sequential", "sinusoidal", "sparse", "low_rank")
OPTION_NEEDS: dict[str, tuple[str, ...]] = {
    "data_dir": ("files", "not own data"),
    "replicas": ("platform",),
    "fit": ("platform",),
    "kernel = pallas": (
        "synapse.code = rademacher", "not synapse.perturbation_element = cell",
        "not bus.cost_difference = exact", "not synapse.amplitude_asymmetry_spread",
        "not array.crosstalk", "not array.ir_drop", "generator = philox", "not backprop",
        "not neurons", "not frozen", "not delta", "not continuous", "not synapse.antithetic",
        "not synapse.in_turn",
        *(f"not synapse.gate = {words}" for words in ("post", "pre", "pre,post")),
    ),
    "memory": ("not shard_arrays",),
    "network.model": _LAYERS,
    "network.hidden": ("not model = vgg", *_LAYERS),
    "network.activation": ("hidden layers", "not model = spiking", *_LAYERS),
    "network.output_activation": _LAYERS,
    "network.initial_weights": _LAYERS,
    "network.cost": ("not own cost",),
    "metric": ("not own metric",),
    "array.dac_range": ("array.dac_bits",),
    "array.adc_range": ("array.adc_bits",),
    # What is centred is negative as often as not.
    "array.dac_is_unipolar": ("array.dac_bits", "not array.centre_windows"),
    "array.adc_gain_spread": ("array.adc_bits",),
    "array.adc_offset_spread": ("array.adc_bits",),
    "array.adc_nonlinearity": ("array.adc_bits",),
    "array.cell_conductance": ("array.ir_drop",),
    "array.bias_bits": (
        "not array.ir_drop", "not array.crosstalk", "not transfer.every",
        "not synapse.perturbation_element = cell", "not backprop",
    ),
    "array.bias_range": ("array.bias_bits",),
    "array.read_voltage": ("array.conduction_voltage",),
    "array.conduction_voltage": ("array.read_voltage",),
    "array.centre_windows": (
        "neurons", "not own mode", "not synapse.gate = pre", "not synapse.gate = pre,post",
        *_LEARNS,
    ),
    "learning.rule": ("not own rule",),
    "learning.memory_bits": ("learning.memory_range", "not own rule", *_LEARNS),
    "learning.memory_range": (
        "learning.rule = momentum | learning.rule = adam | learning.rule = rmsprop",
        "not own rule", *_LEARNS,
    ),
    "learning.rates": ("not learning.rate", "not own rule", *_LEARNS),
    "learning.mode": ("not own mode", *_LEARNS),
    "learning.decay": ("learning.schedule = inverse",),
    "learning.final": (
        "learning.schedule = cosine | learning.schedule = linear | learning.schedule = exponential",
    ),
    "learning.step_normalisation": ("not learning.rule = sign", "not backprop"),
    **{f"synapse.{name}": _LEARNS for name in SynapseConfig.__struct_fields__},
    **{f"bus.{name}": _LEARNS for name in BusConfig.__struct_fields__},
}  # fmt: skip
for _name, _needs in {
    "synapse.code": ("not own code",),
    "synapse.amplitude": ("weights",),
    "synapse.amplitudes": ("not synapse.amplitude", "not synapse.node_amplitude", "not own mode"),
    "synapse.amplitude_of": (
        " | ".join(f"synapse.code = {name}" for name in _UNEVEN) + " | own code",
    ),
    "synapse.node_amplitude": ("neurons",),
    "synapse.gate": ("not own mode", "not synapse.perturbation_element = cell"),
    "synapse.perturbation_element": ("not neurons",),
    "synapse.storage_bits": ("synapse.storage_range",),
    "synapse.storage_range": ("synapse.storage_bits",),
    "synapse.accumulator_bits": ("synapse.accumulator_range",),
    "synapse.accumulator_rounding": ("synapse.accumulator_bits",),
    "synapse.residue_bits": ("synapse.residue", "synapse.residue_range"),
    "synapse.residue_range": ("synapse.residue",),
    "synapse.residue_rounding": ("synapse.residue_bits",),
    "synapse.residue_leak": ("synapse.residue",),
    "synapse.residue_noise": ("synapse.residue",),
    "synapse.stored_perturbations": ("bus.delay",),
    "bus.reference": ("not continuous",),
    "bus.reference = central": ("not delta",),
    "bus.cost_difference": ("not continuous",),
    "bus.high_pass": ("continuous",),
    "bus.cost_bits": ("bus.cost_range", "not bus.cost_difference = exact"),
    "bus.cost_range": ("bus.cost_bits",),
    "bus.delta_range": ("bus.delta_bits",),
    "bus.delta_clip_windows": ("bus.delta_clip",),
    "bus.drop_scope": ("bus.drop_rate",),
    "bus.pass_order": ("platform", "not continuous"),
}.items():
    OPTION_NEEDS[_name] = (*_needs, *_LEARNS)
for _name in TransferConfig.__struct_fields__:
    OPTION_NEEDS[f"transfer.{_name}"] = ("transfer.every", *_LEARNS)
OPTION_NEEDS["transfer.every"] = (
    *_LEARNS, "not synapse.perturbation_element = cell", "not array.ir_drop",
    "not kernel = pallas", "not engine = instrument",
)  # fmt: skip
for _name in ("shape", "weights", "biases", "angle", "labels"):
    OPTION_NEEDS[f"tracking.{_name}"] = ("tracking.period",)
OPTION_NEEDS["tracking.period"] = (
    "tracking.weights | tracking.biases | tracking.angle | tracking.labels",
    "not engine = instrument",
)
OPTION_NEEDS["transfer.verified"] += ("not transfer.keep",)
for _name, _number in TASK_NUMBERS.items():
    OPTION_NEEDS[_name] = (" | ".join(f"task = {task}" for task in _number.of), "not own data")
for _name, _number in NETWORK_NUMBERS.items():
    _models = " | ".join(f"model = {model}" for model in _number.of)
    OPTION_NEEDS[f"network.{_name}"] = (_models, *_LAYERS)
for _name, _number in CODE_NUMBERS.items():
    _codes = " | ".join(f"synapse.code = {code}" for code in _number.of)
    OPTION_NEEDS[f"synapse.{_name}"] = (_codes, "not own code", *_LEARNS)
for _name, _number in RULE_NUMBERS.items():
    _rules = " | ".join(f"learning.rule = {rule}" for rule in _number.of)
    OPTION_NEEDS[f"learning.{_name}"] = (_rules, "not own rule")


def refuse_without_effect(
    config: Config, where: str = "option", own: frozenset[str] = frozenset()
) -> None:
    """Refuses what is given but would change nothing; a default is not given.

    Args:
        config: With the converters that its platform has.
        where: What to name in a complaint.
        own: What a library user brings: ``own data`` and one of each of ``PARTS``.

    Raises:
        InputError: Names the first such option, what it is, and what it needs.
    """
    told, defaults = leaves(config), leaves(Config())
    facts = _facts(config, told) | own
    of_cells = [facts_of_one | own for facts_of_one in _cell_facts(config)]
    of_slow = _slow_facts(config)
    for name, value in told.items():
        if value is None or value == defaults[name]:
            continue
        section, _, own_name = name.rpartition(".")
        if section == "device":
            # Of several technologies one is enough that makes use of it.
            some = [*of_cells, *of_slow] if own_name in _OF_SLOW_CELLS else of_cells
            every = [unmet(CELL_NEEDS, own_name, value, facts_of_one) for facts_of_one in some]
            missing, prefix = min(every, key=len), "device."
        else:
            missing, prefix = unmet(OPTION_NEEDS, name, value, facts), ""
        if missing:
            raise InputError(
                f"{where} {name} = {value!r}: has no effect {_reason(missing, prefix)}"
            )


def leaves(config: Config) -> dict[str, Any]:
    """Returns every option by its dotted name."""
    found: dict[str, Any] = {}
    for name, value in msgspec.to_builtins(config, enc_hook=plain).items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": one for key, one in value.items()}
        else:
            found[name] = value
    return found


def _facts(config: Config, told: dict[str, Any]) -> frozenset[str]:
    task = TASKS[config.task]
    hidden = task.hidden if config.network.hidden is None else config.network.hidden
    facts = {name for name, value in told.items() if value not in (None, False, 0)}
    # A number that is zero is given all the same: a sweep begins there.
    facts |= {name for name, value in told.items() if isinstance(value, float)}
    facts |= {f"{name} = {value}" for name, value in told.items() if isinstance(value, str)}
    facts |= {"files"} if task.reads_files else set()
    model = config.network.model or task.model
    facts |= {f"model = {model}"}
    facts |= {"hidden layers"} if hidden or model != "perceptron" else set()
    facts |= {"neurons"} if kicks_neurons(config.learning.mode) else set()
    facts |= {"weights"} if kicks_weights(config.learning.mode) else set()
    facts |= {"frozen"} if has_frozen(config.learning.mode) else set()
    facts |= {"delta"} if has_delta(config.learning.mode) else set()
    facts |= {"continuous"} if is_continuous(config.learning.mode) else set()
    for sheet in sheets_of(config.device):
        known = (None, None) if sheet is None else read_voltages(sheet)
        told_by_sheet = zip(("array.read_voltage", "array.conduction_voltage"), known, strict=True)
        facts |= {name for name, value in told_by_sheet if value is not None}
    facts |= {"backprop"} if (config.baseline or config.engine) == "backprop" else set()
    return frozenset(facts)


def _cell_facts(config: Config) -> list[frozenset[str]]:
    """Returns what holds of each technology."""
    has_clock = config.platform is not None or config.device.seconds_per_timestep is not None
    beside = {
        "residue": config.synapse.residue,
        "wires": config.array.ir_drop is not None,
        "slow": _has_slow_time(config.transfer),
    }
    also = {word for word, holds in beside.items() if holds}
    return [
        cell_facts(cell.law, cell.numbers, is_pair, has_clock, bool(cell.tables)) | also
        for cell, is_pair in chosen_cells(config.device)
    ]


def _slow_facts(config: Config) -> list[frozenset[str]]:
    """Returns what holds of the slow cells; []: there are none."""
    if config.transfer.every is None:
        return []
    cell, is_pair = chosen_cell(slow_options(config.transfer))
    return [cell_facts(cell.law, cell.numbers, is_pair, True, bool(cell.tables))]


def _has_slow_time(transfer: TransferConfig) -> bool:
    """Tells whether there are slow cells that change with time."""
    if transfer.every is None:
        return False
    numbers = chosen_cell(slow_options(transfer))[0].numbers
    return any(name in numbers for name in ("drift_exponent", "leak_time", "relaxation_noise"))


def _reason(missing: list[str], prefix: str) -> str:
    beside = [need.removeprefix("not ") for need in missing if need.startswith("not ")]
    without = [need for need in missing if not need.startswith("not ")]
    told = lambda need: " or ".join(_words(fact, prefix) for fact in need.split(" | "))
    parts = [f"without {', and '.join(map(told, without))}"] if without else []
    parts += [f"beside {' and '.join(_words(fact, prefix) for fact in beside)}"] if beside else []
    return " and ".join(parts)


def _words(fact: str, prefix: str) -> str:
    return _TOLD.get(fact, f"{prefix}{fact}")


# Each family is known by name: a need that names another member would never be met.
KNOWN = {
    *(f"learning.rule = {name}" for name in names.RULES),
    *(f"synapse.code = {name}" for name in names.CODES),
    *(f"model = {name}" for name in names.NETWORKS),
    *(f"law = {name}" for name in (*names.LAWS, "program_verify")),
}
