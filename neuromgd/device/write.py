"""Writing a cell: a requested change becomes pulses, the pulses a change, and noise joins it."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from neuromgd.device.cell import CellState, bounded
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams
from neuromgd.device.response import response
from neuromgd.randomness import Stream

# What is drawn at a write, in the order of the keys that ``write`` takes.
WRITE_NOISES = (Stream.PULSE_ROUNDING, Stream.UPDATE, Stream.WRITE)


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
    rounding_key: Key[Array, ""],
    update_key: Key[Array, ""],
    write_key: Key[Array, ""],
) -> CellState:
    """Changes every cell of one array by what was requested, as well as its physics allows.

    Args:
        law: How the cells move when they are pulsed.
        rounding: How a request becomes whole pulses, see ``pulse_count``.
        params: Non-idealities of the cells.
        cell: The array before the write.
        request: (*array) requested change [w.u.].
        rounding_key: Of this array and this write, for pulse rounding.
        update_key: The same for the noise that the cells keep.
        write_key: The same for the noise until the next write.
    """
    pulsed = response(params)
    if pulsed is None:
        weight, is_written = cell.weight + request, request != 0
    else:
        count = pulse_count(pulsed.step, request, rounding, rounding_key)
        weight, is_written = law.pulses(pulsed, cell.weight, count), count != 0
    if params.update_noise is not None:
        noise = params.update_noise * _normal(update_key, weight)
        # A cell that no pulse touched is not written: it neither moves nor changes what is seen.
        weight = jnp.where(is_written, weight + noise, weight)
    weight = bounded(params, weight)
    seen = cell.seen
    if params.write_noise is not None and seen is not None:
        fresh = weight + params.write_noise * _normal(write_key, weight)
        seen = jnp.where(is_written, fresh, seen)
    return CellState(weight=weight, seen=seen, writes=cell.writes + is_written.astype(jnp.int32))


def _normal(key: Key[Array, ""], like: Float[Array, "*array"]) -> Float[Array, "*array"]:
    return jax.random.normal(key, like.shape, jnp.float32)
