"""From the plain numbers of a sheet to traced leaves: the only place that makes them."""

from collections.abc import Mapping

import jax.numpy as jnp

from neuromgd.device.laws.lookup import tabulate
from neuromgd.device.params import DeviceParams
from neuromgd.sheets.cell import Cell
from neuromgd.sheets.scale import Number

PARAMETERS = tuple(DeviceParams.__dataclass_fields__)
# Numbers that make writes program-verify; a cell that is pulsed does without them.
PROGRAMMING = (
    "levels", "programming_noise", "programming_noise_saturation", "programming_noise_scale",
    "verify_tolerance", "verify_iterations_max",
)  # fmt: skip


def device_params(cell: Cell, overrides: Mapping[str, Number | None] = {}) -> DeviceParams:
    """Returns the parameters of a cell as float32 leaves.

    Args:
        cell: As a sheet describes it.
        overrides: Name of a parameter -> another number, or None to leave its effect out.
    """
    numbers = {name: cell.numbers.get(name) for name in PARAMETERS if name != "lookup"}
    if cell.law != "program_verify":
        numbers |= dict.fromkeys(PROGRAMMING)
    numbers |= overrides
    leaves = {
        name: None if number is None else jnp.asarray(number, jnp.float32)
        for name, number in numbers.items()
    }
    return DeviceParams(**leaves, lookup=tabulate(cell.tables) if cell.tables else None)
