"""Every problem of a device sheet in one pass, so that one reading of the list repairs it."""

import difflib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neuromgd import units
from neuromgd.errors import InputError
from neuromgd.sheets import lookup
from neuromgd.sheets.device_schema import DeviceSheet, Quantity, Range, Source, Tables
from neuromgd.sheets.problem import Problem, of_fields, refusal, shown
from neuromgd.sheets.quantities import EFFECTS, INFINITY, KINDS, Kind

# What a law cannot do without; one set of each line is enough.
_NEEDS: dict[str, list[frozenset[str]]] = {
    "ideal": [],
    "linear": [frozenset({"update_step"}), frozenset({"neurosim_nonlinearity_up", "pulses_up"})],
    "linear_retrace": [
        frozenset({"update_step"}),
        frozenset({"neurosim_nonlinearity_up", "pulses_up"}),
    ],
    "exponential": [
        frozenset({"update_step"} | {name for name in KINDS if name.startswith("exponential_")})
    ],
    "lookup": [frozenset()],
    "program_verify": [frozenset({"levels"}), frozenset({"programming_noise"}),
                       frozenset({"programming_noise_saturation"})],
}  # fmt: skip
# Quantities that say nothing alone.
_TOGETHER = [
    ("conductance_min", "conductance_max"),
    ("current_min", "current_max"),
    ("resistance_on", "on_off_ratio"),
    ("neurosim_nonlinearity_up", "neurosim_nonlinearity_down"),
    ("neurosim_nonlinearity_up", "pulses_up"),
    ("programming_noise_saturation", "programming_noise_scale"),
    ("verify_tolerance", "programming_noise"),
    ("drift_exponent", "drift_reference_time"),
    ("drift_exponent_spread", "drift_exponent"),
    ("flicker_noise", "read_time"),
    ("flicker_noise", "drift_reference_time"),
    ("stuck_range", "stuck_fraction"),
    ("endurance_spread", "endurance_cycles"),
    ("leak_spread", "leak_time"),
]
# Pairs of which the first must lie below the second.
_ORDERED = [
    ("weight_min", "weight_max"),
    ("conductance_min", "conductance_max"),
    ("current_min", "current_max"),
    ("drift_exponent_min", "drift_exponent_max"),
    ("drift_spread_min", "drift_spread_max"),
]


def problems(path: Path, data: dict[str, Any]) -> list[Problem]:
    """Returns everything that is wrong with a sheet; empty if it can be used."""
    found = list(_structure(data))
    # Only a sheet whose parts can be read is worth reading as a whole.
    return found or list(_whole(path, data))


def _structure(data: dict[str, Any]) -> Iterator[Problem]:
    nested = {"source", "read_in", "quantities", "valid", "tables"}
    plain = {name: value for name, value in data.items() if name not in nested}
    for problem in of_fields(plain, DeviceSheet):
        if problem.key not in nested or problem.key not in data:
            yield problem
    for name, into in (("source", Source), ("read_in", Source), ("tables", Tables)):
        if name in data:
            yield from of_fields(data[name], into, name)
    for group, into in (("quantities", Quantity), ("valid", Range)):
        table = data.get(group, {})
        if not isinstance(table, dict):
            yield Problem(group, f"{shown(table)}: expected a table [{group}]")
            continue
        for name, entry in table.items():
            key = f"{group}.{name}"
            wrong = list(of_fields(entry, into, key))
            yield from wrong
            if name not in KINDS:
                near = difflib.get_close_matches(name, KINDS, 3, 0.4) or list(KINDS)
                yield Problem(key, f"unknown quantity; near are {', '.join(near)}")
            elif not wrong:
                yield from _number(key, entry, KINDS[name])


def _number(key: str, entry: dict[str, Any], kind: Kind) -> Iterator[Problem]:
    try:
        one = units.unit(entry["unit"])
    except InputError as error:
        yield Problem(f"{key}.unit", str(error))
        return
    if one.dimension not in kind.dimensions:
        allowed = " or ".join(kind.dimensions)
        yield Problem(f"{key}.unit", f"{shown(entry['unit'])} is a {one.dimension}, not {allowed}")
        return
    for name, (low, high) in {
        "value": kind.limits, "low": (-INFINITY, INFINITY), "high": (-INFINITY, INFINITY)
    }.items():  # fmt: skip
        given = entry.get(name)
        if given is None:
            continue
        if isinstance(given, list) != (kind.is_polynomial and name == "value"):
            wanted = "a list of coefficients" if kind.is_polynomial else "one number"
            yield Problem(f"{key}.{name}", f"{shown(given)}: expected {wanted}")
            continue
        for number in given if isinstance(given, list) else [given]:
            if not math.isfinite(number) or not low <= float(number) * float(one.value) <= high:
                yield Problem(
                    f"{key}.{name}", f"{shown(number)}: allowed are {low:g} to {high:g} in SI units"
                )


def _whole(path: Path, data: dict[str, Any]) -> Iterator[Problem]:
    given, law = data.get("quantities", {}), data["law"]
    if data["name"] != path.stem:
        yield Problem("name", f"{shown(data['name'])}: must be the name of its file, {path.stem}")
    if not any(needed <= given.keys() for needed in _NEEDS[law] or [frozenset[str]()]):
        ways = " or ".join(", ".join(sorted(needed)) for needed in _NEEDS[law])
        yield Problem("quantities", f"law {law} needs {ways}")
    if (law == "lookup") != ("tables" in data):
        yield Problem("tables", "the lookup law, and only that, needs [tables]")
    yield from _pairs(given)
    yield from _neurosim(given, law)
    for name, entry in data.get("valid", {}).items():
        yield from _range(name, entry, given)
    yield from _told(data, law)
    if "tables" in data:
        yield from _tables(path, data["tables"])


def _pairs(given: dict[str, Any]) -> Iterator[Problem]:
    for one, other in _TOGETHER:
        if one in given and other not in given:
            yield Problem(f"quantities.{one}", f"says nothing without {other}")
    for one, other in _ORDERED:
        if one in given and other in given and not _si(given[one]) < _si(given[other]):
            yield Problem(f"quantities.{one}", f"must be below {other}")
    for one, other in (("update_asymmetry", "up_down"), ("conductance_max", "current_max"),
                       ("conductance_max", "resistance_on"), ("current_max", "resistance_on"),
                       ("update_step_spread", "update_step_log_spread"),
                       ("update_step", "neurosim_nonlinearity_up")):  # fmt: skip
        if one in given and other in given:
            yield Problem(f"quantities.{one}", f"contradicts {other}: give one of them")
    window = {"conductance_max": "conductance", "resistance_on": "conductance",
              "current_max": "current"}  # fmt: skip
    known = {window[name] for name in window if name in given} | {"weight"}
    for name, entry in given.items():
        dimension = units.unit(entry["unit"]).dimension
        if "weight" in KINDS[name].dimensions and dimension in ("conductance", "current"):
            if dimension not in known:
                yield Problem(f"quantities.{name}", f"a {dimension} says nothing without a window")
        elif dimension == "pulses" and "weight" in KINDS[name].dimensions:
            if "update_step" not in given:
                yield Problem(f"quantities.{name}", "in pulses says nothing without update_step")


def _neurosim(given: dict[str, Any], law: str) -> Iterator[Problem]:
    if "neurosim_nonlinearity_down" in given:
        down = given["neurosim_nonlinearity_down"]["value"]
        if law in ("linear", "linear_retrace") and (down > 0) != (law == "linear_retrace"):
            yield Problem(
                "law", f"{law}: a down label of {down} is {'retraced' if down > 0 else 'linear'}"
            )


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


def _told(data: dict[str, Any], law: str) -> Iterator[Problem]:
    """What the source does not give must be said, never left out in silence."""
    said = {line.partition(":")[0].strip() for line in data["not_modelled"]}
    for line in data["not_modelled"]:
        effect, _, why = line.partition(":")
        if effect.strip() not in EFFECTS and effect.strip() != "other" or not why.strip():
            yield Problem(
                "not_modelled",
                f"{shown(line)}: expected 'effect: why', with one of {', '.join(EFFECTS)}, other",
            )
    for effect, names in EFFECTS.items():
        is_given = bool(names & data.get("quantities", {}).keys())
        if effect == "cycle_noise":
            is_given |= law == "lookup"
        if effect == "spread":
            is_given |= "tables" in data and len(data["tables"]["up"]) > 1
        if not is_given and effect not in said:
            yield Problem(
                "not_modelled", f"{effect}: no quantity gives it, so it must be listed here"
            )


def _tables(path: Path, tables: dict[str, Any]) -> Iterator[Problem]:
    if (why := refusal(tables, Tables)) is not None:
        yield Problem("tables", why)
        return
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
                lookup.read(path.parent / name)
            except InputError as error:
                yield Problem(f"tables.{side}", str(error))


def _si(entry: dict[str, Any]) -> float:
    return entry["value"] * float(units.unit(entry["unit"]).value)
