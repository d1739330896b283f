"""What a memory cell holds between two writes."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float

from neuromgd.device.params import DeviceParams
from neuromgd.typing import Leaf


class CellState(struct.PyTreeNode, kw_only=True):
    """The cells of one physical array.

    Attributes:
        weight: (*array) weight θ that the cell keeps [w.u.].
        seen: (*array) weight that the network sees until the next write [w.u.]; None: ``weight``.
        writes: (*array) writes that pulsed this cell [1].
    """

    weight: Leaf
    seen: Leaf | None = None
    writes: Leaf


def store(params: DeviceParams, weight: Float[Array, "*array"]) -> CellState:
    """Returns new cells that hold the given weights, as far as their window reaches."""
    weight = bounded(params, weight)
    seen = None if params.write_noise is None else weight
    return CellState(weight=weight, seen=seen, writes=jnp.zeros(weight.shape, jnp.int32))


def read(cell: CellState) -> Float[Array, "*array"]:
    """Returns the (*array) weight that the network sees [w.u.]."""
    return cell.weight if cell.seen is None else cell.seen


def bounded(params: DeviceParams, weight: Float[Array, "*array"]) -> Float[Array, "*array"]:
    """Clips to the window of the cell, where it has one."""
    if params.weight_min is None and params.weight_max is None:
        return weight
    return jnp.clip(weight, params.weight_min, params.weight_max)
