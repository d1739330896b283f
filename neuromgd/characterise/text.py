"""A text file of numbers as lines of cells: which bytes, which separator, which decimal mark."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

from neuromgd import disk
from neuromgd.errors import InputError

# A pulse response of 1e6 rows has some 20 MB.
LARGEST_BYTES = 64_000_000
_SEPARATORS = ("\t", ";", ",", " ")
_COMMENT = ("#", "%", "!", "//")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eEdD][+-]?\d{1,3})?", re.ASCII)
_MISSING = frozenset({"", "-", "--", "nan", "n/a", "na", "none", "null", "#n/a"})


class Line(NamedTuple):
    """One line of a table.

    Attributes:
        number: Of the line in the file, from 1.
        cells: Its texts, without the blanks around them.
        is_comment: Whether a mark of comments stood before them.
    """

    number: int
    cells: tuple[str, ...]
    is_comment: bool = False


def lines(path: Path) -> list[Line]:
    """Reads a text file; decimal commas become points, empty lines are left out.

    Raises:
        InputError: If it cannot be read, or mixes decimal commas and points.
    """
    raw = [(n, text) for n, text in enumerate(_text(path).splitlines(), 1) if text.strip()]
    plain = [text for _, text in raw if not text.lstrip().startswith(_COMMENT)]
    sample = plain[:500] + plain[-500:]
    separator = max(_SEPARATORS, key=lambda mark: _tables(sample, mark))
    split: list[Line] = []
    for n, text in raw:
        is_comment = text.lstrip().startswith(_COMMENT)
        cells = _cells(text.strip().lstrip("#%!/ ") if is_comment else text, separator)
        if any(cells):
            split.append(Line(n, cells, is_comment))
    return _with_points(path, split)


def number(cell: str) -> float | None:
    """Returns the number that a cell holds, NaN where it is missing, None if it is a text."""
    if cell.lower() in _MISSING:
        return float("nan")
    if _NUMBER.fullmatch(cell) is None:
        return None
    return float(cell.lower().replace("d", "e"))


def _text(path: Path) -> str:
    data = disk.read(path, LARGEST_BYTES)
    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    # The last is what spreadsheets write on Windows.
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError(f"{path}: cannot be read: it is no text file")


def _cells(text: str, separator: str) -> tuple[str, ...]:
    if separator == " ":
        # A unit in brackets belongs to the name before it.
        return tuple(re.findall(r"\S+(?:\s+[\[(][^\])]*[\])])?", text))
    try:
        row = next(csv.reader([text.strip(" \r")], delimiter=separator, skipinitialspace=True))
    except csv.Error:
        row = [text]
    return tuple(cell.strip() for cell in row)


def _tables(sample: list[str], separator: str) -> tuple[int, int, int]:
    """Returns in how many lines a separator leaves numbers alone, two of them, and one."""
    whole, two, one = 0, 0, 0
    for text in sample:
        numbers = [number(_pointed(cell)) for cell in _cells(text, separator)]
        count = sum(value is not None and value == value for value in numbers)
        one += count > 0 and len(numbers) > 1
        two += count > 1
        whole += count > 1 and None not in numbers
    return whole, two, one


def _pointed(cell: str) -> str:
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell


def _with_points(path: Path, split: list[Line]) -> list[Line]:
    """Returns the lines with decimal points.

    Raises:
        InputError: If commas and points both stand for the decimal mark, or for thousands.
    """
    numbers = [line for line in split if not line.is_comment]
    commas = [line for line in numbers if any(map(_DECIMAL_COMMA.fullmatch, line.cells))]
    if not commas:
        return split
    for line in numbers:
        for cell in line.cells:
            if "." in cell and _NUMBER.fullmatch(cell):
                raise InputError(
                    f"{path}:{line.number}: read {cell!r}, but line {commas[0].number} has a"
                    " comma within a number: give one decimal mark, and none for thousands"
                )
    return [line._replace(cells=tuple(map(_pointed, line.cells))) for line in split]
