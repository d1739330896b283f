"""From options and a device sheet to one memory cell, as plain numbers."""

from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.options.device import OPTIONS, DeviceConfig
from neuromgd.sheets.cell import Cell, with_numbers
from neuromgd.sheets.device import load
from neuromgd.sheets.valid import refuse_outside


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
