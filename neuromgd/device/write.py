"""Writing a cell: a requested change becomes pulses, the pulses a change, and noise joins it."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.device.cell import CellState, bounded
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams
from neuromgd.device.response import response
from neuromgd.randomness import Stream, stream


def pulse_count(
    step: Float[Array, ""],
    request: Float[Array, "*array"],
    rounding: str,
    key: Key[Array, ""],
) -> Float[Array, "*array"]:
    """Returns how many pulses stand for a requested change; their sign is its sign.

    Args:
        step: Size of one pulse [w.u.].
        request: (*array) requested change [w.u.].
        rounding: ``stochastic`` (E[count] · step = request) or ``nearest``.
        key: Key of this array and this write.
    """
    count = request / step
    if rounding == "stochastic":
        return jnp.floor(count + jax.random.uniform(key, count.shape, jnp.float32))
    return jnp.round(count)


def write(
    law: Law,
    rounding: str,
    params: DeviceParams,
    cell: CellState,
    request: Float[Array, "*array"],
    key: Key[Array, ""],
    event: Int[Array, ""],
) -> CellState:
    """Changes every cell of one array by what was requested, as well as its physics allows.

    Args:
        law: How the cells move when they are pulsed.
        rounding: How a request becomes whole pulses, see ``pulse_count``.
        params: Non-idealities of the cells.
        cell: The array before the write.
        request: (*array) requested change [w.u.].
        key: Key of this array of this chip.
        event: Number of this write, so that its noise is its own.
    """

    def normal(which: Stream) -> Float[Array, "*array"]:
        return jax.random.normal(stream(key, which, event), request.shape, jnp.float32)

    pulsed = response(params)
    if pulsed is None:
        weight, is_written = cell.weight + request, request != 0
    else:
        rounding_key = stream(key, Stream.PULSE_ROUNDING, event)
        count = pulse_count(pulsed.step, request, rounding, rounding_key)
        weight, is_written = law.pulses(pulsed, cell.weight, count), count != 0
    if params.update_noise is not None:
        weight = weight + params.update_noise * normal(Stream.UPDATE)
    weight = bounded(params, weight)
    seen = cell.seen
    if params.write_noise is not None and seen is not None:
        fresh = weight + params.write_noise * normal(Stream.WRITE)
        # A cell that no pulse touched keeps the noise of its last write.
        seen = jnp.where(is_written, fresh, seen)
    return CellState(weight=weight, seen=seen, writes=cell.writes + is_written.astype(jnp.int32))
