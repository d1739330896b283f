"""Which column of a table is what, and each reading as a conductance."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd import units
from neuromgd.characterise.headings import (
    DOWN,
    SIGNALS,
    UP,
    Heading,
    Role,
    dimension_of,
    heading,
    tidied,
)
from neuromgd.characterise.table import Table
from neuromgd.errors import InputError

Vector = NDArray[np.float64]
_WAY_OUT = "name the columns, as in 'pulse,conductance [uS]' or 'pulse,up [uS],down [uS]'"


class Signal(NamedTuple):
    """One column of readings.

    Attributes:
        name: Its heading.
        device: What tells its device from others; empty: nothing does.
        direction: 1 up, −1 down, 0 not said.
        pulse: (rows,) pulse numbers that belong to it; None: one reading a pulse.
        value: (rows,) conductance, or normalised, in ``unit``; NaN where it is missing.
        unit: Of the values.
    """

    name: str
    device: str
    direction: int
    pulse: Vector | None
    value: Vector
    unit: str


class Columns(NamedTuple):
    """A table understood.

    Attributes:
        signals: The readings.
        groups: (rows,) number of the device and of the cycle that a row names; zeros if none.
        names: Of the devices, by that number; empty if no column names them.
        sign: (rows,) direction that a row names, 1 or −1; None if no column does.
        notes: What was taken for what, and what was left out.
    """

    signals: tuple[Signal, ...]
    groups: NDArray[np.int64]
    names: tuple[str, ...]
    sign: NDArray[np.int64] | None
    notes: tuple[str, ...]


def columns(table: Table, unit: str | None = None, read_voltage: float | None = None) -> Columns:
    """Understands a table.

    Args:
        table: As read.
        unit: Of the readings, over what the headings say; "1": they are normalised.
        read_voltage: At which currents were read [V].

    Raises:
        InputError: If a column that is needed is not understood; the message says what to do.
    """
    heads = [heading(text) for text in table.headings]
    roles = _roles(table, heads)
    notes: list[str] = []
    readings = _readings(table, heads, roles, unit, notes)
    if "pulse" not in roles and "time" in roles and not _is_told(roles):
        text = heads[roles.index("time")].text
        raise InputError(
            f"{table.path}: {text!r} is no pulse number: retention is not fitted, only a pulse"
            f" response; {_WAY_OUT}"
        )
    signals = tuple(
        _signal(table, heads, roles, column, unit, read_voltage, notes) for column in readings
    )
    groups, names = _groups(table, roles)
    used = {_turning(table, heads, roles)}
    currents = [dimension_of(unit or heads[c].unit or "1") == "current" for c in readings]
    if read_voltage is None and any(currents):
        used.update(_reads(heads, roles)[:1])
    left_out = [
        head.text for column, (head, role) in enumerate(zip(heads, roles, strict=True))
        if role in ("other", "error", "voltage", "time") and head.text and column not in used
    ]  # fmt: skip
    if left_out:
        notes.append(f"columns not used: {', '.join(map(repr, left_out))}")
    return Columns(signals, groups, names, _sign(table, heads, roles), tuple(notes))


def _is_told(roles: list[Role]) -> bool:
    return "direction" in roles or "cycle" in roles or "voltage" in roles


def _roles(table: Table, heads: list[Heading]) -> list[Role]:
    """Returns the role of each column, by its heading, else by its place and its values."""
    if not any(head.role for head in heads):
        return _by_place(table)
    roles: list[Role] = []
    for column, head in enumerate(heads):
        role = head.role
        values = table.numbers[:, column]
        known = values[np.isfinite(values)]
        is_whole = len(known) and np.all(known == np.round(known))
        if role == "pulse" and not is_whole and head.direction:
            role = "signal"
        if role == "signal" and head.unit is None and head.direction and _is_count(known):
            raise InputError(
                f"{table.path}: column {head.text!r} may be pulse numbers or readings: {_WAY_OUT}"
            )
        if not len(known) and role not in ("device", "direction"):
            role = "other"
        roles.append(role)
    if "signal" not in roles:
        bare = [c for c, role in enumerate(roles)
                if role in ("other", "") and np.isfinite(table.numbers[:, c]).any()]  # fmt: skip
        named = ", ".join(repr(head.text) for head in heads)
        if len(bare) != 1:
            raise InputError(
                f"{table.path}: no column of {named} is a conductance, current or resistance;"
                f" {_WAY_OUT}"
            )
        roles[bare[0]] = "signal"
    return roles


def _is_count(values: Vector) -> bool:
    return bool(len(values) > 1 and np.all(np.diff(values) == 1))


def _by_place(table: Table) -> list[Role]:
    count = table.numbers.shape[1]
    first = table.numbers[:, 0]
    if count == 1:
        return ["signal"]
    if count == 2 and np.all(first == np.round(first)):
        return ["pulse", "signal"]
    raise InputError(
        f"{table.path}:{table.lines[0]}: {count} columns without a heading, of which the first is"
        f" {'' if np.all(first == np.round(first)) else 'no '}pulse number: {_WAY_OUT}"
    )


def _readings(
    table: Table, heads: list[Heading], roles: list[Role], unit: str | None, notes: list[str]
) -> list[int]:
    """Returns the columns to be fitted: conductances before normalised values, currents, …."""
    found = [c for c, role in enumerate(roles) if role == "signal"]
    kinds = {c: heads[c].dimension if heads[c].dimension in SIGNALS else None for c in found}
    if len(set(kinds.values())) == 1:
        return found
    for kind in SIGNALS[:3]:
        chosen = [c for c in found if kinds[c] == kind]
        if chosen:
            others = ", ".join(repr(heads[c].text) for c in found if c not in chosen)
            notes.append(f"columns not used: {others}")
            return chosen
    return found


def _signal(
    table: Table,
    heads: list[Heading],
    roles: list[Role],
    column: int,
    unit: str | None,
    read_voltage: float | None,
    notes: list[str],
) -> Signal:
    head = heads[column]
    told = tidied(unit) if unit is not None else head.unit
    if told is None:
        raise InputError(
            f"{table.path}: no unit stands in the heading {head.text!r}: give --unit, such as"
            " --unit uS, or --unit 1 for normalised values (a sheet without a window of"
            " conductance)"
        )
    if unit is not None and head.unit is not None and head.unit != told:
        notes.append(f"{head.text!r} is read in {told!r}, as given")
    voltage: Vector | float | None = read_voltage
    reads = _reads(heads, roles)
    if reads and read_voltage is None:
        voltage = table.numbers[:, reads[0]] * float(units.unit(heads[reads[0]].unit or "V").value)
    value, told = conductance(table, head.text, table.numbers[:, column], told, voltage)
    counters = [c for c, role in enumerate(roles) if role == "pulse"]
    before = [c for c in counters if c < column]
    counter = before[-1] if before else counters[0] if counters else None
    pulse = None if counter is None else table.numbers[:, counter]
    return Signal(head.text, head.label, head.direction, pulse, value, told)


def conductance(
    table: Table, name: str, value: Vector, unit: str, voltage: Vector | float | None
) -> tuple[Vector, str]:
    """Returns readings as conductances, with the unit that suits them.

    Raises:
        InputError: If the unit is none of conductance, current, resistance; if a current has no
            read voltage; if a conductance would be negative.
    """
    dimension = dimension_of(unit)
    if dimension not in SIGNALS:
        raise InputError(
            f"{table.path}: column {name!r}: {unit!r} is no unit of conductance, current or"
            " resistance"
        )
    if dimension == "number":
        return value, "1"
    if dimension == "current" and voltage is None:
        raise InputError(
            f"{table.path}: column {name!r} is a current: give the voltage it was read at, such as"
            " --read-voltage 0.1 (G = I/V), or a column 'V_read [V]'"
        )
    if dimension != "conductance":
        si = value * float(units.unit(unit).value)
        with np.errstate(divide="ignore", invalid="ignore"):
            si = si / voltage if dimension == "current" and voltage is not None else 1 / si
        unit, size = _suited(si)
        value = si / size
    bad = np.flatnonzero(~np.isnan(value) & ~((value >= 0) & np.isfinite(value)))
    # Noise about zero is no mistake; a sign is.
    low = -0.05 * np.nanmax(value, initial=0.0)
    bad = [row for row in bad if not low <= value[row] < 0]
    if bad:
        hint = ""
        if dimension == "current":
            hint = "; where the read voltage changes its sign, give it in a column 'V_read [V]'"
        raise InputError(
            f"{table.path}:{table.lines[bad[0]]}: column {name!r}: the conductance would be"
            f" {value[bad[0]]:.4g} {unit}, which no cell has{hint}"
        )
    return value, unit


def _suited(si: Vector) -> tuple[str, float]:
    """Returns the unit in which the largest of some conductances is 1 to 1000, and its size."""
    largest = np.nanmax(np.abs(si[np.isfinite(si)]), initial=0.0)
    for unit in ("S", "mS", "uS", "nS", "pS"):
        size = float(units.unit(unit).value)
        if largest >= size:
            return unit, size
    return "fS", 1e-15


def _groups(table: Table, roles: list[Role]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    groups = np.zeros((len(table.lines), 2), np.int64)
    names: tuple[str, ...] = ()
    for place, role in enumerate(("device", "cycle")):
        if role in roles:
            column = roles.index(role)
            texts = [row[column] for row in table.texts]
            order = list(dict.fromkeys(texts))
            groups[:, place] = [order.index(text) for text in texts]
            names = tuple(order) if role == "device" else names
    return groups, names


def _sign(table: Table, heads: list[Heading], roles: list[Role]) -> NDArray[np.int64] | None:
    """Returns the direction that a column of words, signs or write voltages names."""
    if "direction" in roles:
        column = roles.index("direction")
        texts = [row[column].lower() for row in table.texts]
        signs = [
            1 if t in UP | {"1", "+1"} else -1 if t in DOWN | {"-1", "0"} else 0 for t in texts
        ]
        if 0 in signs:
            row = signs.index(0)
            raise InputError(
                f"{table.path}:{table.lines[row]}: {texts[row]!r} is no direction: up, down"
            )
        return np.array(signs)
    column = _turning(table, heads, roles)
    if column is None:
        return None
    return np.where(np.nan_to_num(table.numbers[:, column]) >= 0, 1, -1)


def _turning(table: Table, heads: list[Heading], roles: list[Role]) -> int | None:
    """Returns the column of write voltages that tells the direction; None: another one, or none."""
    if "direction" in roles:
        return None
    for column, role in enumerate(roles):
        values = table.numbers[:, column]
        is_write = role == "voltage" and not _is_read(heads[column])
        if is_write and np.any(values > 0) and np.any(values < 0):
            return column
    return None


def _reads(heads: list[Heading], roles: list[Role]) -> list[int]:
    """Returns the columns of read voltages."""
    return [c for c, role in enumerate(roles) if role == "voltage" and _is_read(heads[c])]


def _is_read(head: Heading) -> bool:
    return "read" in head.text.lower()
