"""Every problem of a device sheet in one pass, so that one reading of the list repairs it."""

import difflib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neuromgd import units
from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.errors import InputError
from neuromgd.numbers import ANY, Number
from neuromgd.sheets.device_rules import broken_rules
from neuromgd.sheets.device_schema import Chosen, DeviceSheet, Quantity, Range, Source, Tables
from neuromgd.sheets.problem import Problem, of_fields, shown
from neuromgd.sheets.quantities import KINDS

# Entries of a table: beyond so many it is no sheet, and each would be a line of complaint.
MOST = 500


def problems(path: Path, data: dict[str, Any]) -> list[Problem]:
    """Returns everything that is wrong with a sheet; empty if it can be used."""
    for key, table in {"top level": data, **data}.items():
        if isinstance(table, dict) and len(table) > MOST:
            return [Problem(key, f"{len(table):,} entries, no sheet has more than {MOST}")]
    found = list(_structure(data))
    # What can be read is held to the rules; what cannot has been told already.
    unsound = {problem.key for problem in found}
    sound = {
        group: {
            name: entry
            for name, entry in data[group].items()
            if not any(f"{key}.".startswith(f"{group}.{name}.") for key in unsound)
        }
        for group in ("quantities", "valid", "choices")
        if isinstance(data.get(group), dict)
    }
    sound |= {
        name: value
        for name, value in data.items()
        if name not in ("quantities", "valid", "choices")
        and not any(k.split(".")[0] == name for k in unsound)
    }
    return found + list(broken_rules(path, sound, _names(data.get("quantities"))))


def _names(table: Any) -> frozenset[str]:
    return frozenset(table) if isinstance(table, dict) else frozenset()


def _structure(data: dict[str, Any]) -> Iterator[Problem]:
    nested = {"source", "read_in", "quantities", "valid", "choices", "tables"}
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
            elif isinstance(entry, dict):
                unread = {problem.key for problem in wrong}
                yield from _number(key, entry, KINDS[name], unread)
    yield from _choices(data.get("choices", {}))


def _choices(table: Any) -> Iterator[Problem]:
    if not isinstance(table, dict):
        yield Problem("choices", f"{shown(table)}: expected a table [choices]")
        return
    for name, entry in table.items():
        wrong = list(of_fields(entry, Chosen, f"choices.{name}"))
        yield from wrong
        if name not in CELL_CHOICES:
            yield Problem(f"choices.{name}", f"unknown choice; there are {', '.join(CELL_CHOICES)}")
        elif not wrong and entry["value"] not in (words := [*map(str, CELL_CHOICES[name].words)]):
            yield Problem(
                f"choices.{name}.value",
                f"{shown(entry['value'])}: allowed are {', '.join(words)}",
            )


def _number(key: str, entry: dict[str, Any], kind: Number, unread: set[str]) -> Iterator[Problem]:
    if f"{key}.unit" in unread:
        return
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
        "value": kind.limits, "low": ANY, "high": ANY
    }.items():  # fmt: skip
        given = entry.get(name)
        if given is None or f"{key}.{name}" in unread:
            continue
        if isinstance(given, list) != (kind.is_polynomial and name == "value"):
            wanted = "a list of coefficients" if kind.is_polynomial else "one number"
            yield Problem(f"{key}.{name}", f"{shown(given)}: expected {wanted}")
            continue
        if isinstance(given, list) and kind.of and len(given) < 2:
            yield Problem(f"{key}.{name}", f"{shown(given)}: expected two points or more")
        for number in given if isinstance(given, list) else [given]:
            if not math.isfinite(number) or not low <= float(number) * float(one.value) <= high:
                yield Problem(
                    f"{key}.{name}", f"{shown(number)}: allowed are {low:g} to {high:g} in SI units"
                )
