"""One large chip over several devices: each holds a part of every array of cells.

What crosses between devices is activations and scalars: a random word is a function of its
cell's number alone, so each device draws those of its own cells, and an update is local.
"""

from functools import partial

import jax
from jax.sharding import NamedSharding, PartitionSpec
from jaxtyping import Array, Key

from neuromgd.chip.chip import Chip
from neuromgd.chip.design import ChipParams, Design
from neuromgd.fleet.layout import CELLS, devices
from neuromgd.fleet.simulated import fabricate_all


def fabricate_sharded(design: Design, params: ChipParams, keys: Key[Array, " chips"]) -> Chip:
    """Makes chips as ``fabricate_all`` does, each array in parts on all devices from the start."""
    make = partial(fabricate_all, design)
    return jax.jit(make, out_shardings=shardings(jax.eval_shape(make, params, keys)))(params, keys)


def shardings(chips: Chip) -> Chip:
    """Returns where the arrays of chips go: a pytree of shardings.

    Args:
        chips: Chips along a leading axis, as arrays or their shapes.
    """
    mesh = devices(CELLS)
    return jax.tree.map(lambda leaf: NamedSharding(mesh, cut(leaf.shape, mesh.size)), chips)


def cut(shape: tuple[int, ...], parts: int) -> PartitionSpec:
    """Returns the axis that an array is cut along.

    Random words are drawn in the order of rows: cut along its first axis, a matrix of cells needs
    no words but its own. Where that does not divide, it is cut along the next axis that does, and
    each device draws the words of all. Vectors are whole everywhere.

    Args:
        shape: (chip, …) of the array.
        parts: Into how many.
    """
    axes = [axis for axis in range(1, len(shape)) if shape[axis] and shape[axis] % parts == 0]
    if len(shape) < 3 or not axes:
        return PartitionSpec()
    return PartitionSpec(*[None] * axes[0], CELLS)
