"""From the plain numbers of a sheet to traced leaves: the only place that makes them."""

from collections.abc import Mapping

from neuromgd.device.laws.lookup import tabulate
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.sheets.cell import Cell, with_numbers
from neuromgd.sheets.scale import Number


def device_params(cell: Cell, overrides: Mapping[str, Number | None] = {}) -> DeviceParams:
    """Returns the parameters of a cell as float32 leaves.

    Args:
        cell: As a sheet describes it.
        overrides: Name of a parameter -> another number, or None to leave its effect out.
    """
    numbers = with_numbers(cell, overrides).numbers
    return cell_params(numbers, tabulate(cell.tables) if cell.tables else None, cell.choices)
