"""The broadcast: what all synapses hear of one cost change."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.bus.meter import BusParams
from neuromgd.converter import quantise
from neuromgd.randomness import Stream, normal, stream


def broadcast(
    params: BusParams,
    delta: Float[Array, ""],
    delta_range: Float[Array, ""] | None,
    key: Key[Array, ""],
    n: Int[Array, ""],
) -> Float[Array, ""]:
    """Returns the ΔC that arrives at the synapses [cost]: deadband, converter, noise of the wire.

    Args:
        params: How good the bus is.
        delta: Mean cost change that the meter gave [cost].
        delta_range: Full scale of the converter of this chip [cost].
        key: Root key of the chip.
        n: Timestep of the broadcast.
    """
    if params.deadband is not None:
        delta = jnp.where(jnp.abs(delta) < params.deadband, 0.0, delta)
    if params.delta_top is not None and delta_range is not None:
        delta = quantise(delta, delta_range, params.delta_top)
    if params.broadcast_noise is not None:
        fresh = normal(stream(key, Stream.BROADCAST, n), ())
        delta = delta + params.broadcast_noise * fresh
    return delta


def reached(params: BusParams, key: Key[Array, ""], n: Int[Array, ""]) -> Float[Array, ""]:
    """Returns 1, or 0 if the whole chip misses the broadcast of timestep n."""
    if params.chip_drop_rate is None:
        return jnp.ones((), jnp.float32)
    is_lost = jax.random.bernoulli(stream(key, Stream.CHIP_DROP, n), params.chip_drop_rate)
    return jnp.where(is_lost, 0.0, 1.0)
