"""A measured pulse response as it comes: a CSV file of pulse number and conductance."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd import units
from neuromgd.errors import InputError

Vector = NDArray[np.float64]
# Rows that a cubic needs, and one more.
_CUBIC = 5


class Data(NamedTuple):
    """A measured curve.

    Attributes:
        path: File that it came from.
        pulses: (rows − 1,) signed pulses between one row and the next; up is positive.
        conductance: (rows,) in ``unit``.
        unit: As the file or the user names it.
    """

    path: Path
    pulses: NDArray[np.int64]
    conductance: Vector
    unit: str


def read(path: Path, unit: str | None = None) -> Data:
    """Reads a CSV file: pulse number, conductance; a heading may name the unit in brackets.

    Where the pulse number falls, the pulses were down pulses. If it only rises, the curve is taken
    to turn where its conductance is highest.

    Raises:
        InputError: If it is no such file; the message names file and line.
    """
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    heading = ""
    rows: list[tuple[float, float]] = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append((float(line[0]), float(line[1])))
        except (ValueError, IndexError) as error:
            if number == 1:
                heading = ",".join(line)
            elif any(line):
                raise InputError(
                    f"{path}:{number}: read {','.join(line)[:40]!r}, expected pulse, conductance"
                ) from error
    table = np.array(rows).reshape(-1, 2)
    if len(table) < 8 or not np.isfinite(table).all():
        raise InputError(f"{path}: {len(table)} rows: at least 8 finite ones are needed")
    counts, conductance = np.diff(table[:, 0]), table[:, 1]
    if not np.all(counts == np.round(counts)) or not np.any(counts):
        raise InputError(f"{path}: the pulse numbers must be whole, and not all the same")
    if np.ptp(conductance) <= 0:
        raise InputError(f"{path}: the conductance never changes")
    named = re.search(r"\[([^\]]*)\]\s*$", heading)
    told = unit or (named[1] if named else "S")
    if units.unit(told).dimension != "conductance":
        raise InputError(f"{path}: {told!r} is no unit of conductance")
    return Data(path, _signed(counts, conductance), conductance, told)


def _signed(counts: Vector, conductance: Vector) -> NDArray[np.int64]:
    if np.any(counts < 0):
        return counts.astype(np.int64)
    smooth = np.convolve(conductance, np.ones(3) / 3, "valid")
    after = len(counts) - int(np.argmax(smooth)) - 1
    # A few rows past the highest one are noise, not a way down.
    if after < max(_CUBIC, len(counts) // 10):
        return counts.astype(np.int64)
    sign = np.where(np.arange(len(counts)) < _turn(conductance), 1, -1)
    return (counts * sign).astype(np.int64)


def _turn(conductance: Vector) -> int:
    """Returns the row at which the curve turns: a cubic on either side leaves least there."""
    rows = np.arange(len(conductance))

    def left_over(turn: int) -> float:
        sides = (slice(None, turn + 1), slice(turn, None))
        return sum(
            float(np.sum((np.polyval(line, rows[side] - turn) - conductance[side]) ** 2))
            for side in sides
            for line in [np.polyfit(rows[side] - turn, conductance[side], 3)]
        )

    return min(range(_CUBIC, len(rows) - _CUBIC), key=left_over)
