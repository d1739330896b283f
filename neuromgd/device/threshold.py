"""When a request is large enough to be written, and what a cell takes for one step."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.cell import CellState, is_programmed
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.program import level_step, programming_error
from neuromgd.typing import Leaf

# Half the distance of two float32 numbers just below 1.
_HALF_ULP = 2.0**-25


def weight_step(law: Law, params: DeviceParams, is_pair: bool) -> Leaf | None:
    """Returns the () nominal change of a weight by one pulse or level [w.u.]; None: any change.

    A weight is half the difference of a pair: where only one of both cells moves at a time, one
    pulse of it is half a step of the weight.
    """
    if is_programmed(params):
        step = None if params.levels is None else level_step(params)
    else:
        step = None if law.is_continuous else params.update_step
    is_single = not is_pair or params.refresh_upper is None
    return step if step is None or is_single else step / 2


def at_once(params: DeviceParams) -> DeviceParams:
    """Returns cells that are written by any request, however small."""
    return params.replace(write_threshold=jnp.zeros((), jnp.float32), write_threshold_pulses=None)


def least_request(
    law: Law, params: DeviceParams, cell: CellState, weight: Float[Array, "*cells"]
) -> Leaf | None:
    """Returns the () or (*array) |request| from which on a cell is written [w.u.]; None: any.

    Without a number of its own it is what a cell can tell from nothing: the error that it lands
    with where any weight can be programmed, and half of what float32 tells apart where it takes
    whatever it is asked for. Pulses and levels are rounded, which leaves out what is too small.

    Args:
        law: How the cells move when they are pulsed.
        params: How good the technology is.
        cell: The array.
        weight: (*cells) that its cells hold now [w.u.].
    """
    if params.write_threshold is not None:
        return params.write_threshold
    step = weight_step(law, params, cell.is_pair)
    if params.write_threshold_pulses is not None:
        return params.write_threshold_pulses * given(step)
    if step is not None:
        return None
    if is_programmed(params):
        error = programming_error(params, weight)
        return jnp.hypot(error[0], error[1]) / 2 if cell.is_pair else error
    # Where a write leaves no trace but its change, a tiny one does no harm.
    return None if cell.seen is None else jnp.asarray(_HALF_ULP, jnp.float32)
