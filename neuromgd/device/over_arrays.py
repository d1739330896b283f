"""All physical arrays of a chip at once."""

import jax

from neuromgd.device.cell import CellState
from neuromgd.typing import Arrays


def over_arrays(function, cells: Arrays, *others: Arrays) -> Arrays:
    """Applies a function of one array's cells to every array of the chip."""
    return jax.tree.map(function, cells, *others, is_leaf=lambda x: isinstance(x, CellState))
