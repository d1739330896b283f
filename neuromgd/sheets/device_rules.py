"""What the parts of a device sheet must have to do with each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neuromgd import units
from neuromgd.cell_numbers import DIE
from neuromgd.errors import InputError
from neuromgd.names import LAWS
from neuromgd.needs import CELL_NEEDS, needed_by_law, unmet
from neuromgd.sheets import lookup
from neuromgd.sheets.problem import Problem, shown
from neuromgd.sheets.quantities import EFFECTS, KINDS
from neuromgd.words import Joining

# What a law cannot do without; one set of each line is enough.
_LABELS = frozenset({"neurosim_nonlinearity_up", "pulses_up"})
_NEEDS: dict[str, list[frozenset[str]]] = {
    law: [needed_by_law(law) | {"update_step"}] for law in LAWS
} | {
    "ideal": [],
    "linear": [frozenset({"update_step"}), _LABELS],
    "linear_retrace": [frozenset({"update_step"}), _LABELS],
    "lookup": [frozenset()],
    "program_verify": [frozenset({"levels"}), frozenset({"programming_noise"}),
                       frozenset({"programming_noise_saturation"})],
}  # fmt: skip
# Quantities of a sheet's own words that say nothing alone.
_TOGETHER = [
    ("conductance_min", "conductance_max"),
    ("current_min", "current_max"),
    ("resistance_on", "on_off_ratio"),
    ("conduction_voltage", "read_voltage"),
    ("neurosim_nonlinearity_up", "neurosim_nonlinearity_down"),
    ("neurosim_nonlinearity_up", "pulses_up"),
]
# What a sheet says without naming it: a window is -1 to 1, a label is a step and its bend.
_IMPLIED = {
    "neurosim_nonlinearity_up": ("update_step", "nonlinearity_up"),
    "neurosim_nonlinearity_down": ("nonlinearity_down",),
}
# Pairs of which the first must lie below the second.
_ORDERED = [
    ("weight_min", "weight_max"),
    ("conductance_min", "conductance_max"),
    ("current_min", "current_max"),
    ("drift_exponent_min", "drift_exponent_max"),
    ("drift_spread_min", "drift_spread_max"),
    ("refresh_lower", "refresh_upper"),
]


# Quantities that say the same thing in two ways.
_EITHER = [
    ("update_asymmetry", "up_down"),
    ("conductance_max", "current_max"),
    ("conductance_max", "resistance_on"),
    ("current_max", "resistance_on"),
    ("update_step_spread", "update_step_log_spread"),
    ("update_step", "neurosim_nonlinearity_up"),
]
# Quantities that are told over the conductance, so that they need its window.
_NEED_WINDOW = (
    "drift_exponent", "leak_time_slope", "flicker_noise", "read_noise_relative",
    "telegraph_noise_relative", "update_noise_relative", "write_noise_relative",
    "programming_noise", "programming_noise_saturation", "refresh_noise",
    "conductance_temperature", "conductance_activation_energy",
)  # fmt: skip
_WINDOWS = {
    "conductance_max": "conductance", "resistance_on": "conductance", "current_max": "current"
}  # fmt: skip


def broken_rules(path: Path, sheet: dict[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    """Yields every rule that a sheet breaks.

    Args:
        path: Of the sheet.
        sheet: Those parts of it that can be read.
        names: Of all quantities that it gives, even those that cannot be read.
    """
    law, given = sheet.get("law"), sheet.get("quantities", {})
    if "name" in sheet and sheet["name"] != path.stem:
        yield Problem("name", f"{shown(sheet['name'])}: must be the name of its file, {path.stem}")
    if law is not None:
        yield from _law(law, sheet, names)
    yield from _needs(names)
    yield from _pairs(given, names)
    yield from _scales(given, names)
    joining = sheet.get("choices", {}).get("asymmetry_joining")
    if (
        joining
        and joining["value"] == Joining.SUM
        and {"up_down", "update_step_log_spread"} <= names
    ):
        yield Problem(
            "choices.asymmetry_joining",
            "a log-normal gain has no sum with up_down; give the update_asymmetry",
        )
    for name, entry in sheet.get("valid", {}).items():
        yield from _range(name, entry, given)
    if "not_modelled" in sheet:
        yield from _told(sheet, names)
    if "tables" in sheet:
        yield from _tables(path, sheet["tables"])


def _law(law: str, sheet: dict[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    if _NEEDS[law] and not any(needed <= names for needed in _NEEDS[law]):
        ways = " or ".join(", ".join(sorted(needed)) for needed in _NEEDS[law])
        yield Problem("quantities", f"law {law} needs {ways}")
    if (law == "lookup") != ("tables" in sheet):
        yield Problem("tables", "the lookup law, and only that, needs [tables]")
    down = sheet.get("quantities", {}).get("neurosim_nonlinearity_down")
    if down is not None and law in ("linear", "linear_retrace"):
        retraced = "linear_retrace" if down["value"] > 0 else "linear"
        if law != retraced:
            yield Problem("law", f"{law}: a down label of {down['value']} means {retraced}")


def _needs(names: frozenset[str]) -> Iterator[Problem]:
    """What the model says of its numbers; a sheet may say more than one law or run makes use of."""
    implied = [one for name in names for one in _IMPLIED.get(name, ())]
    facts = names | {"weight_min", "weight_max", *implied}
    for name in sorted(names):
        # A sheet gives an energy, the model knows it over Boltzmann's constant.
        number = name.removesuffix("_energy") if name.endswith("_activation_energy") else name
        for need in unmet(CELL_NEEDS, number, None, facts):
            if KINDS.keys() >= set(need.split(" | ")):
                yield Problem(
                    f"quantities.{name}", f"says nothing without {need.replace(' | ', ' or ')}"
                )


def _pairs(given: dict[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    for one, other in _TOGETHER:
        if one in names and other not in names:
            yield Problem(f"quantities.{one}", f"says nothing without {other}")
    for one, other in _EITHER:
        if one in names and other in names:
            yield Problem(f"quantities.{one}", f"contradicts {other}: give one of them")
    shares = sum(_si(given[name]) for name in DIE if name in given)
    if shares > 1:
        yield Problem("quantities", f"{', '.join(DIE)} sum to {shares:g}, allowed up to 1")
    for one, other in _ORDERED:
        if one in given and other in given and not _si(given[one]) < _si(given[other]):
            yield Problem(f"quantities.{one}", f"must be below {other}")


def _scales(given: dict[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    """A conductance or a number of pulses becomes a weight only if the sheet says how."""
    known = {dimension for name, dimension in _WINDOWS.items() if name in names}
    for name in _NEED_WINDOW:
        if name in names and not known:
            yield Problem(f"quantities.{name}", "needs a window of conductance or current")
    for name, entry in given.items():
        if "weight" not in KINDS[name].dimensions:
            continue
        dimension = units.unit(entry["unit"]).dimension
        if dimension in ("conductance", "current") and dimension not in known:
            yield Problem(f"quantities.{name}", f"a {dimension} says nothing without a window")
        if dimension == "pulses" and "update_step" not in names:
            yield Problem(f"quantities.{name}", "in pulses says nothing without update_step")


def _range(name: str, entry: dict[str, Any], given: dict[str, Any]) -> Iterator[Problem]:
    low, high = (entry[side] * float(units.unit(entry["unit"]).value) for side in ("low", "high"))
    if not low <= high:
        yield Problem(f"valid.{name}.low", f"{shown(entry['low'])}: must not be above high")
    elif name in given and not KINDS[name].is_polynomial:
        dimension = units.unit(entry["unit"]).dimension
        if units.unit(given[name]["unit"]).dimension != dimension:
            yield Problem(f"valid.{name}.unit", "is of another dimension than the quantity")
        elif not low * (1 - 1e-12) <= _si(given[name]) <= high * (1 + 1e-12):
            yield Problem(f"quantities.{name}.value", f"outside valid.{name} of this sheet")


def _told(sheet: dict[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    """What the source does not give must be said, never left out in silence."""
    said = {line.partition(":")[0].strip() for line in sheet["not_modelled"]}
    for line in sheet["not_modelled"]:
        effect, _, why = line.partition(":")
        if effect.strip() not in {*EFFECTS, "other"} or not why.strip():
            yield Problem(
                "not_modelled",
                f"{shown(line)}: expected 'effect: why', with one of {', '.join(EFFECTS)}, other",
            )
    for effect, members in EFFECTS.items():
        is_given = bool(members & names)
        if effect == "cycle_noise":
            is_given |= sheet.get("law") == "lookup"
        if effect == "spread":
            is_given |= "tables" in sheet and len(sheet["tables"]["up"]) > 1
        if not is_given and effect not in said:
            yield Problem(
                "not_modelled", f"{effect}: no quantity gives it, so it must be listed here"
            )


def _tables(path: Path, tables: dict[str, Any]) -> Iterator[Problem]:
    if len(tables["up"]) != len(tables["down"]):
        yield Problem("tables.down", "needs as many files as up: one pair for each device")
    try:
        if units.unit(tables["unit"]).dimension != "conductance":
            yield Problem("tables.unit", f"{shown(tables['unit'])}: expected a conductance")
    except InputError as error:
        yield Problem("tables.unit", str(error))
    for side in ("up", "down"):
        for name in tables[side]:
            try:
                lookup.read(lookup.beside(path, name))
            except InputError as error:
                yield Problem(f"tables.{side}", str(error))


def _si(entry: dict[str, Any]) -> float:
    return entry["value"] * float(units.unit(entry["unit"]).value)
