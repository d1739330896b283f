"""How much the cells of every array bend at the voltage of a reading."""

import jax.numpy as jnp

from neuromgd.errors import InputError
from neuromgd.options.cell import sheets_of
from neuromgd.options.config import Config
from neuromgd.sheets.device import read_voltages
from neuromgd.typing import Leaf


def curvature(config: Config) -> Leaf | None:
    """Returns V_read/V0, () or (arrays,) where they differ [1]; None: all cells are ohmic.

    Raises:
        InputError: If cells bend, but nothing says at which voltage they are read.
    """
    array = config.array
    ratios = []
    for sheet in sheets_of(config.device):
        read, bent = (None, None) if sheet is None else read_voltages(sheet)
        read, bent = array.read_voltage or read, array.conduction_voltage or bent
        if bent is not None and read is None:
            raise InputError(
                "option array.conduction_voltage: needs array.read_voltage [V], or a device sheet"
                " that has one"
            )
        ratios.append(0.0 if bent is None or read is None else abs(read) / bent)
    if not any(ratios):
        return None
    return jnp.asarray(ratios[0] if len(set(ratios)) == 1 else ratios, jnp.float32)
