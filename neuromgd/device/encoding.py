"""Weights as conductances: how much the cells behind a weight conduct, apart from the weight."""

import jax.numpy as jnp
from flax import struct

from neuromgd.device.cell import CellState
from neuromgd.device.params import DeviceParams
from neuromgd.device.traits import Traits
from neuromgd.typing import Leaf


class Encoding(struct.PyTreeNode, kw_only=True):
    """How the weights of one array lie in two crossbars, each with wires of its own.

    A weight w is half of what the first cell of a pair conducts above the second, so they conduct
    m ± w; or what its cell conducts above a reference cell that never changes, so they conduct
    m + w and m. A cell of which nothing tells where it stops conducting lies in the first crossbar
    with w or in the second with −w, whichever is positive.

    Attributes:
        at_zero: (*array) or (), m in the conductance of 1 w.u. [w.u.]; None: not known.
        is_pair: Whether each weight is the difference of two cells; static.
    """

    at_zero: Leaf | None = None
    is_pair: bool = struct.field(pytree_node=False, default=False)


def encoding(params: DeviceParams, traits: Traits, cell: CellState) -> Encoding:
    """Returns how the weights of one array are conductances at this moment.

    Conductance is linear in the weight of a cell: the window of a sheet runs from the lowest
    conductance at the lowest weight to the highest at the highest. Where nothing says at which
    weight a cell stops conducting, it does so at the lowest of its window.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        cell: What they hold.
    """
    none = params.weight_min if params.zero_signal_weight is None else params.zero_signal_weight
    if none is None:
        return Encoding(is_pair=cell.is_pair)
    if cell.is_pair:
        seen = cell.weight if cell.seen is None else cell.seen
        at_zero = (seen[0] + seen[1]) / 2 - none
        if traits.reference is not None:
            # The wires carry what the cells conduct, their references are subtracted behind them.
            at_zero = at_zero + jnp.mean(traits.reference, axis=0)
        return Encoding(at_zero=at_zero, is_pair=True)
    return Encoding(at_zero=-none if traits.reference is None else traits.reference - none)
