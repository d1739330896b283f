"""What the cells of an array are: how they move, how good they are, and how many make a weight."""

from typing import NamedTuple

import jax

from neuromgd.device.cell import CellState
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams
from neuromgd.typing import Arrays


class Technology(NamedTuple):
    """The cells of one array.

    Attributes:
        law: How they move when they are pulsed.
        params: How good they are.
        is_pair: Whether each weight is half the difference of two.
    """

    law: Law
    params: DeviceParams
    is_pair: bool


def alike(technology: Technology, arrays: Arrays) -> Arrays:
    """Returns one technology for every array."""
    return jax.tree.map(lambda _: technology, arrays, is_leaf=lambda x: isinstance(x, CellState))
