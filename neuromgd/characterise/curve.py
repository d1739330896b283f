"""A measured pulse response: conductance, and the signed pulses between one reading and the next.

Files come as instruments and spreadsheets write them. The pulse number may fall on the way down,
rise on, or begin anew; up and down may stand in columns of their own; a file may hold several
cycles and several devices.
"""

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd.characterise.columns import Columns, Signal, columns
from neuromgd.characterise.table import Table, table
from neuromgd.characterise.turns import noise, signs
from neuromgd.errors import InputError

Vector = NDArray[np.float64]
ROWS_MIN = 8
# More pulses than any cell bears between two readings.
_MOST_PULSES = 1e15


class Data(NamedTuple):
    """The measured curve of one device.

    Attributes:
        path: File that it came from.
        pulses: (rows − 1,) signed pulses between one row and the next; up is positive.
        conductance: (rows,) in ``unit``.
        unit: As the file or the user names it; "1": normalised.
        starts: Rows at which the cell was set anew, so that no pulse led there; 0 is the first.
        device: Its name; empty where the file holds one.
        lines: (rows,) line of each row in the file; empty where there is none.
    """

    path: Path
    pulses: NDArray[np.int64]
    conductance: Vector
    unit: str
    starts: tuple[int, ...] = (0,)
    device: str = ""
    lines: tuple[int, ...] = ()


class Measurement(NamedTuple):
    """What a file holds.

    Attributes:
        devices: The curve of each.
        notes: What was taken for what, and what was left out.
    """

    devices: tuple[Data, ...]
    notes: tuple[str, ...]


class _Piece(NamedTuple):
    """Readings in their order, with the pulses that led to each; the first may follow none."""

    values: Vector
    pulses: NDArray[np.int64]
    is_start: NDArray[np.bool_]
    lines: NDArray[np.int64]


def read(path: Path, unit: str | None = None, read_voltage: float | None = None) -> Measurement:
    """Reads a measured file.

    Args:
        path: Text with columns set off by commas, semicolons, tabs or blanks, or ``.xlsx``.
        unit: Of the readings, over what the headings say.
        read_voltage: At which currents were read [V].

    Raises:
        InputError: If it is no pulse response; the message names file and line.
    """
    whole = table(path)
    found = columns(whole, unit, read_voltage)
    devices = tuple(_devices(whole, found))
    notes = list(found.notes)
    if all(signal.pulse is None for signal in found.signals):
        notes.append("no column of pulse numbers: one pulse a row")
    return Measurement(devices, tuple(notes))


def _devices(whole: Table, found: Columns) -> list[Data]:
    names = [_name(signal, found.signals) for signal in found.signals]
    groups = found.groups[:, 0]
    curves: list[Data] = []
    for name in dict.fromkeys(names):
        signals = [s for s, own in zip(found.signals, names, strict=True) if own == name]
        for group in range(int(groups.max(initial=0)) + 1):
            label = " ".join(part for part in (name, *found.names[group : group + 1]) if part)
            pieces = [_piece(whole, found, signal, groups == group) for signal in signals]
            curves.append(_joined(whole.path, pieces, signals[0].unit, label))
    units = {curve.unit for curve in curves}
    if len(units) > 1:
        raise InputError(f"{whole.path}: readings in {', '.join(sorted(units))}: give one unit")
    return curves


def _name(signal: Signal, signals: tuple[Signal, ...]) -> str:
    alike = [s for s in signals if (s.device, s.direction) == (signal.device, signal.direction)]
    if len(signals) == 1:
        return ""
    return signal.device if len(alike) == 1 else signal.name


def _piece(whole: Table, found: Columns, signal: Signal, rows: NDArray[np.bool_]) -> _Piece:
    known = rows & np.isfinite(signal.value)
    number = np.arange(len(rows), dtype=float) if signal.pulse is None else signal.pulse
    unnumbered = np.flatnonzero(known & ~np.isfinite(number))
    if len(unnumbered):
        line = whole.lines[unnumbered[0]]
        raise InputError(f"{whole.path}:{line}: a reading without its pulse number")
    values, number, lines = signal.value[known], number[known], whole.lines[known]
    bad = np.flatnonzero((number != np.round(number)) | (np.abs(number) > _MOST_PULSES))
    if len(bad):
        raise InputError(
            f"{whole.path}:{lines[bad[0]]}: read {number[bad[0]]:.6g}: the pulse numbers must be"
            " whole, and below 1e15"
        )
    sign = None if found.sign is None else found.sign[known]
    if signal.direction:
        sign = np.full(len(values), signal.direction)
    return _signed(values, number, lines, sign)


def _signed(
    values: Vector, number: Vector, lines: NDArray[np.int64], sign: NDArray[np.int64] | None
) -> _Piece:
    """Finds out what the pulses between readings were."""
    pulses, is_start = np.zeros(len(values), np.int64), np.zeros(len(values), bool)
    if not len(values):
        return _Piece(values, pulses, is_start, lines)
    steps = np.diff(number)
    restarts = _restarts(number)
    is_signed = bool(np.any(np.delete(steps, restarts) < 0))
    typical = float(np.median(np.abs(steps))) if len(steps) else 1.0
    is_start[0] = True
    for first, last in pairwise([0, *(row + 1 for row in restarts), len(values)]):
        inside = slice(first + 1, last)
        count = steps[first : last - 1]
        way = signs(values[first:last]) if last - first > 1 else np.zeros(0, np.int64)
        if sign is not None:
            way = sign[inside]
        elif is_signed:
            way = np.ones(len(count), np.int64)
        pulses[inside] = (np.abs(count) if sign is not None else count) * way
        if first:
            led = number[first] if number[first] <= typical else 0
            toward = way[0] if len(way) else -1
            pulses[first] = int(led) * int(np.sign(toward * (count[0] if len(count) else 1)))
            is_start[first] = _is_set_anew(values, first, int(led))
    # The pulses before the first reading are nobody's.
    pulses[0] = int(np.sign(sign[0])) * int(0 < number[0] <= typical) if sign is not None else 0
    return _Piece(values, pulses, is_start, lines)


def _restarts(number: Vector) -> list[int]:
    """Returns the rows after which the pulse number begins anew."""
    steps = np.diff(number)
    if len(steps) < 3:
        return []
    rises_before = np.concatenate([[False], steps[:-1] >= 0])
    rises_after = np.concatenate([steps[1:] > 0, [True]])
    low = number[1:] <= number.min() + np.median(np.abs(steps))
    found = np.flatnonzero((steps < -1) & rises_before & rises_after & low)
    # One row between all turns: the number goes to and fro.
    return [int(row) for row in found] if len(found) * 3 <= len(steps) else []


def _is_set_anew(values: Vector, row: int, led: int) -> bool:
    """Tells whether a reading does not follow from the one before it."""
    span = float(np.ptp(values))
    near = np.abs(np.diff(values[row : row + 3])).max(initial=0.0) if led else 0.0
    jump = abs(values[row] - values[row - 1])
    return bool(jump > max(0.1 * span, 6 * noise(values)) + 1.5 * near)


def _joined(path: Path, pieces: list[_Piece], unit: str, device: str) -> Data:
    values = np.concatenate([piece.values for piece in pieces])
    pulses = np.concatenate([piece.pulses for piece in pieces])
    is_start = np.concatenate([piece.is_start for piece in pieces])
    lines = np.concatenate([piece.lines for piece in pieces])
    for edge in np.cumsum([len(piece.values) for piece in pieces])[:-1]:
        if 0 < edge < len(values):
            is_start[edge] = _is_set_anew(values, int(edge), int(abs(pulses[edge])))
    # A reading that two columns share is one.
    twice = ~is_start & (pulses == 0) & (values == np.roll(values, 1))
    twice[:1] = False
    edges = np.isin(np.arange(len(values)), np.cumsum([len(piece.values) for piece in pieces]))
    keep = ~(twice & edges)
    values, pulses, is_start, lines = values[keep], pulses[keep], is_start[keep], lines[keep]
    named = f"{path}: {device}: " if device else f"{path}: "
    if len(values) < ROWS_MIN:
        raise InputError(f"{named}{len(values)} rows: at least {ROWS_MIN} finite ones are needed")
    if not np.any(pulses[1:][~is_start[1:]]):
        raise InputError(f"{named}the pulse numbers must be whole, and not all the same")
    if np.ptp(values) <= 0:
        raise InputError(f"{named}the conductance never changes")
    starts = tuple(int(row) for row in np.flatnonzero(is_start))
    pulses[list(starts)] = 0
    return Data(path, pulses[1:], values, unit, starts, device, tuple(int(line) for line in lines))
