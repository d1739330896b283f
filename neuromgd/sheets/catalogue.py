"""The device sheets side by side: what a table of them shows."""

import math
from typing import NamedTuple

from neuromgd.sheets import library
from neuromgd.sheets.cell import Cell
from neuromgd.sheets.device import Device, load
from neuromgd.sheets.device_schema import Source

HEADINGS = ("sheet", "technology", "law", "levels", "noise", "source", "assumed")


class Row(NamedTuple):
    """One sheet in a table, as text.

    Attributes:
        name: Of the sheet.
        technology: Of the cell.
        law: Of its updates.
        levels: Steps between lowest and highest weight.
        noise: σ of one pulse over its step, or of programming over the window.
        source: Who, where, when, as a short reference.
        assumed: Values that nobody measured, fitted or derived, of all.
    """

    name: str
    technology: str
    law: str
    levels: str
    noise: str
    source: str
    assumed: str


def rows() -> list[Row]:
    """Returns the table of all sheets that ship, sorted by name."""
    return [row(load(name)) for name in library.names("devices")]


def row(device: Device) -> Row:
    """Returns one sheet as a row."""
    sheet, cell = device.sheet, device.cell()
    first = sheet.source.authors.split(",")[0].split()
    surname = " ".join(word for word in first if not word.endswith("."))
    assumed = sum(quantity.basis == "assumed" for quantity in sheet.quantities.values())
    return Row(
        name=sheet.name,
        technology=sheet.technology,
        law=sheet.law,
        levels=_levels(cell),
        noise=_noise(cell),
        source=f"{surname}, {dated(sheet.source)}",
        assumed=f"{assumed}/{len(sheet.quantities)}",
    )


def dated(source: Source) -> str:
    """Returns where and when a source appeared."""
    return source.venue if source.year is None else f"{source.venue} ({source.year})"


def markdown() -> str:
    """Returns the table of all sheets in Markdown."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    lines += ["| " + " | ".join(entries) + " |" for entries in rows()]
    return "\n".join(lines)


def _levels(cell: Cell) -> str:
    if (levels := _number(cell, "levels")) is not None:
        return f"{levels:,.0f}"
    step = _number(cell, "update_step")
    low, high = _number(cell, "weight_min"), _number(cell, "weight_max")
    if step is None or low is None or high is None:
        return "continuous"
    return f"{(high - low) / step:,.0f}"


def _noise(cell: Cell) -> str:
    step = _number(cell, "update_step")
    if step is not None:
        absolute = (_number(cell, "cycle_noise_absolute") or 0.0) / step
        relative = (_number(cell, "cycle_noise") or 0.0, _number(cell, "cycle_noise_additive") or 0)
        total = math.hypot(absolute, *relative)
        return "from tables" if cell.tables else f"{total:.2g} steps" if total else "not given"
    known = any(name.startswith("programming_noise") for name in cell.numbers)
    return "of programming" if known else "not given"


def _number(cell: Cell, name: str) -> float | None:
    number = cell.numbers.get(name)
    return number if isinstance(number, float) else None
