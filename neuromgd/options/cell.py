"""From options and a device sheet to one memory cell, as plain numbers."""

import msgspec

from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.errors import InputError
from neuromgd.options.device import OPTIONS, DeviceConfig
from neuromgd.sheets.cell import Cell, with_numbers
from neuromgd.sheets.device import load
from neuromgd.sheets.valid import refuse_outside

# Of an array whose cells have no sheet.
IDEAL = "ideal"


def sheets_of(options: DeviceConfig) -> tuple[str | None, ...]:
    """Returns the sheet of every array, or that of all; None for one: the options alone.

    Raises:
        InputError: If one of several is missing.
    """
    if options.sheet is None or "," not in options.sheet:
        return (options.sheet,)
    sheets = tuple(one.strip() for one in options.sheet.split(","))
    if not all(sheets):
        raise InputError(
            f"option device.sheet = {options.sheet!r}: expected a sheet for each array, or {IDEAL}"
        )
    return tuple(None if one == IDEAL else one for one in sheets)


def with_sheet(options: DeviceConfig, sheet: str | None) -> DeviceConfig:
    """Returns the same options over another sheet."""
    return msgspec.structs.replace(options, sheet=sheet)


def chosen_cells(options: DeviceConfig) -> list[tuple[Cell, bool]]:
    """Returns what ``chosen_cell`` does for every sheet of some arrays, each once."""
    return [chosen_cell(with_sheet(options, one)) for one in dict.fromkeys(sheets_of(options))]


def chosen_cell(options: DeviceConfig) -> tuple[Cell, bool]:
    """Returns the cell of the sheet, with the options over it, or that of the options alone.

    Returns:
        It, and whether every weight is a pair of two.

    Raises:
        InputError: If the sheet cannot be used, or an option is outside its range.
    """
    told = {name: getattr(options, name) for name in OPTIONS}
    given = {name: value for name, value in told.items() if value is not None}
    cell = Cell(law="linear", numbers={})
    if options.sheet is not None:
        device = load(options.sheet)
        refuse_outside(device.sheet, given, f"option device over {device.path}")
        cell = device.cell()
    words = {name: getattr(options, name) for name in CELL_CHOICES}
    chosen = {n: CELL_CHOICES[n].words(word) for n, word in words.items() if word is not None}
    cell = cell._replace(law=options.law or cell.law, choices=cell.choices._replace(**chosen))
    cell = with_numbers(cell, given)
    if options.is_pair is not None:
        return cell, options.is_pair
    # A cell that holds one sign only needs a partner for the other.
    lowest = cell.numbers.get("weight_min")
    return cell, isinstance(lowest, (int, float)) and lowest >= 0
