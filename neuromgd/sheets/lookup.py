"""Measured pulse responses as tables: the change of conductance against CDF and conductance.

The text format is that of Sandia's lookup tables: a header line, a line of conductance bins, a
line of CDF points, then the matrix of ΔG with one row for each CDF point and one column for each
bin, all separated by commas.

References:
    cross-sim-data, lookup_tables (Sandia National Laboratories, BSD-3-Clause).
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.shown import short

# A table is text of some kilobytes; more is something else [byte].
LARGEST = 1_000_000


class Response(NamedTuple):
    """How one device answers to one pulse in one direction.

    Attributes:
        conductance: (bins,) ascending, in the unit of the file.
        cdf: (points,) ascending, from 0 to 1.
        change: (points, bins) ΔG at each CDF point, in the unit of the file.
    """

    conductance: NDArray[np.float64]
    cdf: NDArray[np.float64]
    change: NDArray[np.float64]


def beside(sheet: Path, name: str) -> Path:
    """Returns a table of a sheet.

    Raises:
        InputError: If it lies outside the folder of the sheet, by its name or by a link.
    """
    try:
        folder, path = sheet.parent.resolve(), (sheet.parent / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{sheet.parent}: no file can be called {short(name)}") from error
    if not path.is_relative_to(folder):
        raise InputError(
            f"{sheet.parent}: {short(name)} lies outside the folder of the sheet; copy it there"
        )
    return sheet.parent / name


def read(path: Path) -> Response:
    """Reads one table.

    Raises:
        InputError: If the file cannot be read, or is not such a table; the message names it.
    """
    content = disk.read(path, LARGEST).decode("utf-8", errors="replace")
    rows = []
    for number, line in enumerate(content.splitlines()[1:], 2):
        if line.strip():
            try:
                rows.append(np.array([float(entry) for entry in line.split(",")]))
            except ValueError:
                # What stands there may be anybody's: it is not told.
                raise InputError(
                    f"{path}: cannot be read as a lookup table: line {number} holds no numbers"
                ) from None
    if len(rows) < 4 or {len(row) for row in rows[2:]} != {len(rows[0])}:
        raise InputError(
            f"{path}: expected a header, G bins, CDF points, then rows of one ΔG for each G bin"
        )
    table = Response(rows[0], rows[1], np.stack(rows[2:]))
    if len(table.change) != len(table.cdf):
        raise InputError(f"{path}: {len(table.change)} rows of ΔG for {len(table.cdf)} CDF points")
    for name, axis in (("G bins", table.conductance), ("CDF points", table.cdf)):
        if not (np.isfinite(axis).all() and (np.diff(axis) > 0).all()):
            raise InputError(f"{path}: the {name} must rise")
    if table.cdf[0] < 0 or table.cdf[-1] > 1 or not np.isfinite(table.change).all():
        raise InputError(f"{path}: CDF points must lie in 0 to 1, and every ΔG be finite")
    return table


def write(path: Path, table: Response) -> None:
    """Writes a table in the same format."""
    rows = [table.conductance, table.cdf, *table.change]
    header = "G bins, then CDF points, then dG (rows: CDF points, columns: G bins)"
    text = "\n".join(",".join(f"{entry:.6g}" for entry in row) for row in rows)
    path.write_text(f"{header}\n{text}\n", encoding="utf-8")


def mean_change(table: Response) -> NDArray[np.float64]:
    """Returns the (bins,) mean change by one pulse: the integral of ΔG over the CDF.

    The CDF is linear between its points and flat outside them, as it is sampled.
    """
    cdf = np.concatenate([[0.0], table.cdf, [1.0]])
    change = np.concatenate([table.change[:1], table.change, table.change[-1:]])
    return np.asarray(np.trapezoid(change, cdf, axis=0))
