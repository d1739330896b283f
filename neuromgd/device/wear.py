"""Wear: a cell that was written often is stuck, or has less and less of its window left."""

import jax.numpy as jnp
from jaxtyping import Array, Bool

from neuromgd.device.cell import CellState
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.traits import Traits


def alive(params: DeviceParams, traits: Traits, cell: CellState) -> Bool[Array, "*cells"] | None:
    """Tells which cells can still move; None: all."""
    endurance = params.endurance_cycles if traits.endurance is None else traits.endurance
    is_stuck = traits.is_stuck
    if endurance is None or params.endurance_closing is not None:
        return None if is_stuck is None else ~is_stuck
    is_worn = cell.writes.astype(jnp.float32) >= endurance
    return ~is_worn if is_stuck is None else ~(is_stuck | is_worn)


def worn(params: DeviceParams, traits: Traits, cell: CellState) -> Traits:
    """Returns the traits of cells with what their writes have left of their windows.

    Half is left after N_i writes. The steps stay as they were.
    """
    if params.endurance_closing is None:
        return traits
    endurance = given(params.endurance_cycles if traits.endurance is None else traits.endurance)
    used = cell.writes.astype(jnp.float32) / endurance
    left = 1 / (1 + used**params.endurance_closing)
    low = given(params.weight_min if traits.weight_min is None else traits.weight_min)
    high = given(params.weight_max if traits.weight_max is None else traits.weight_max)
    place = 0.5 if params.endurance_place is None else params.endurance_place
    end = low + place * (high - low)
    return traits.replace(weight_min=end + left * (low - end), weight_max=end + left * (high - end))
