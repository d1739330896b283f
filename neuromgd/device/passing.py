"""Cells from one reading to the next: their traps go on between the two passes of a timestep."""

from jaxtyping import Array, Float, Key

from neuromgd.device.cell import CellState
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.retention import shown
from neuromgd.device.telegraph import switched
from neuromgd.device.traits import Traits


def waited(
    params: DeviceParams,
    traits: Traits,
    cell: CellState,
    seconds: Float[Array, ""],
    between: Float[Array, ""],
    key: Key[Array, ""],
    key_later: Key[Array, ""],
) -> CellState:
    """Returns cells with traps as both passes of the next timestep find them.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        cell: Before.
        seconds: From the last reading to the first pass [s].
        between: From the first pass to the second [s].
        key: Of these cells and the first pass.
        key_later: Of the second.
    """
    traps = given(cell.telegraph)
    first = switched(params, traits, traps.is_high_later, seconds, key)
    later = switched(params, traits, first, between, key_later)
    traps = traps.replace(is_high=first, is_high_later=later)
    return shown(params, traits, cell.replace(telegraph=traps))


def later(cell: CellState) -> CellState:
    """Returns cells as the second pass of a timestep finds them."""
    return cell.replace(seen=given(cell.telegraph).seen_later)
