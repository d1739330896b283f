"""A measured file as a table: columns of numbers under their headings, whatever wrote it."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd.characterise.headings import UNITS_ALONE
from neuromgd.characterise.text import Line, lines, number
from neuromgd.characterise.workbook import workbook
from neuromgd.errors import InputError

# Instruments write 9.9E+37 where they can read nothing.
_OVER_RANGE = 1e30


class Table(NamedTuple):
    """A table.

    Attributes:
        path: File that it came from.
        headings: Of the columns; empty texts where the file gives none.
        texts: (rows, columns) what stands in every cell.
        numbers: (rows, columns) the same as numbers; NaN where there is none.
        lines: (rows,) number of the line of each row in the file.
    """

    path: Path
    headings: tuple[str, ...]
    texts: list[tuple[str, ...]]
    numbers: NDArray[np.float64]
    lines: NDArray[np.int64]


def table(path: Path) -> Table:
    """Reads a text file or a workbook (``.xlsx``).

    What stands above the rows is a preamble, of which the last line names the columns; a line of
    units may follow it.

    Raises:
        InputError: If it holds no table, or a line that is not understood; the message names it.
    """
    read = workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else lines(path)
    plain = [line for line in read if not line.is_comment]
    width, words = _shape(path, plain)
    plain = [line._replace(cells=_fitted(line.cells, width)) for line in plain]
    is_row = [_is_row(line, width, words) for line in plain]
    if not any(is_row):
        raise InputError(f"{path}: holds no rows of numbers")
    first = is_row.index(True)
    _refuse_others(path, plain[first:], is_row[first:], width)
    rows = plain[first:]
    above = [line for line in read if line.number < rows[0].number]
    values = [[number(cell) for cell in row.cells] for row in rows]
    numbers = np.array([[np.nan if v is None else v for v in row] for row in values])
    where = np.array([row.number for row in rows])
    _refuse_over_range(path, numbers, where)
    headings = _headings(path, above, rows[0].number, width)
    return Table(path, headings, [row.cells for row in rows], numbers, where)


def _shape(path: Path, plain: list[Line]) -> tuple[int, frozenset[int]]:
    """Returns how many columns the rows have, and which of them hold words."""
    # Rows stand at the end; a preamble is short.
    late = plain[len(plain) // 2 :]
    values = [[number(cell) for cell in line.cells] for line in late]
    widths = Counter(
        len(row) for row in values if any(v is not None and v == v for v in row)
    ).most_common(1)
    if not widths:
        raise InputError(f"{path}: holds no rows of numbers")
    width = widths[0][0]
    same = [row for row in values if len(row) == width]
    while width > 1 and all(row[width - 1] != row[width - 1] for row in same):
        # A separator at the end of every line.
        width -= 1
    words = frozenset(
        column
        for column in range(width)
        if 2 * sum(row[column] is None for row in same) > len(same)
    )
    return width, words


def _fitted(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Drops empty cells at the end of a line."""
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    return cells


def _is_row(line: Line, width: int, words: frozenset[int]) -> bool:
    if len(line.cells) != width:
        return False
    values = [number(cell) for column, cell in enumerate(line.cells) if column not in words]
    return None not in values and any(v == v for v in values if v is not None)


def _refuse_others(path: Path, plain: list[Line], is_row: list[bool], width: int) -> None:
    for line, is_good in zip(plain, is_row, strict=True):
        if not is_good:
            text = ",".join(line.cells)[:40]
            raise InputError(
                f"{path}:{line.number}: read {text!r}, expected {width} numbers as in the rows"
                " above, such as pulse, conductance"
            )


def _refuse_over_range(path: Path, numbers: NDArray[np.float64], where: NDArray[np.int64]) -> None:
    over = np.argwhere(np.abs(numbers) >= _OVER_RANGE)
    if len(over):
        row, column = over[0]
        raise InputError(
            f"{path}:{where[row]}: read {numbers[row, column]:.4g}: no value but what instruments"
            " write when a reading is over range; take the line out"
        )


def _headings(path: Path, above: list[Line], first: int, width: int) -> tuple[str, ...]:
    plain = [line for line in above if not line.is_comment]
    adjacent = plain and plain[-1].number >= first - 1 - sum(
        line.is_comment for line in above if line.number > plain[-1].number
    )
    if not adjacent:
        comments = [line for line in above if line.is_comment and len(line.cells) == width]
        return comments[-1].cells if comments and not plain else ("",) * width
    last = _fitted(plain[-1].cells, width)
    if len(last) != width:
        raise InputError(
            f"{path}:{plain[-1].number}: {len(last)} headings for rows of {width} columns; is the"
            " comma a decimal mark? Then separate columns by semicolons or tabs"
        )
    before = _fitted(plain[-2].cells, width) if len(plain) > 1 else ()
    if len(before) != width or not all(_is_unit(cell) for cell in last):
        return last
    bare = [re.sub(r"[\[\]()]", "", cell).strip() for cell in last]
    return tuple(f"{name} [{unit}]" if unit else name
                 for name, unit in zip(before, bare, strict=True))  # fmt: skip


def _is_unit(cell: str) -> bool:
    bare = re.sub(r"[\[\]()]", "", cell).strip()
    return not bare or bare.lower() in UNITS_ALONE or (cell != bare and len(bare) < 8)
