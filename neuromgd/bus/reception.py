"""Reception: what each synapse makes of the one wire that all of them hear."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.bus.meter import BusParams
from neuromgd.randomness import Stream, each, normal
from neuromgd.typing import Arrays


class Heard(NamedTuple):
    """One or several broadcasts, as the synapses received them.

    Attributes:
        delta_cost: Pytree of the sum of ΔC that reached every array: () where all its synapses
            hear the same, else (*array) [cost].
        broadcasts: The same of the number of broadcasts received [1].
    """

    delta_cost: Arrays
    broadcasts: Arrays


def fabricate(params: BusParams, arrays: Arrays, key: Key[Array, ""]) -> Arrays | None:
    """Draws the gain 1 + r of every synapse's receiver [1]; None: all hear the same."""
    spread = params.reception_gain_spread
    if spread is None:
        return None
    return jax.tree.map(
        lambda k, array: 1 + spread * normal(k, array.shape),
        each(key, Stream.RECEPTION_GAIN, 0, arrays),
        arrays,
    )


def receive(
    params: BusParams,
    gain: Arrays | None,
    delta: Float[Array, ""],
    reached: Float[Array, ""],
    arrays: Arrays,
    key: Key[Array, ""],
    n: Int[Array, ""],
) -> Heard:
    """Returns what the synapses hear: (1 + r_i)ΔC and noise of their own, unless they miss it.

    Args:
        params: How good the bus is.
        gain: Arrays from ``fabricate``.
        delta: What arrives at all of them [cost].
        reached: How many broadcasts that is; 0 where the chip missed it.
        arrays: Pytree of the chip's arrays, for their shapes.
        key: Root key of the chip.
        n: Timestep of the broadcast.
    """
    heard = jax.tree.map(lambda _: delta, arrays)
    if gain is not None:
        heard = jax.tree.map(jnp.multiply, heard, gain)
    if params.reception_noise is not None:
        sigma, keys = params.reception_noise, each(key, Stream.RECEPTION, n, arrays)
        heard = jax.tree.map(
            lambda h, k, a: h + sigma * normal(k, a.shape),
            heard, keys, arrays,
        )  # fmt: skip
    received = jax.tree.map(lambda _: reached, arrays)
    if params.drop_rate is not None:
        rate, keys = params.drop_rate, each(key, Stream.DROP, n, arrays)
        is_lost = jax.tree.map(lambda k, a: jax.random.bernoulli(k, rate, a.shape), keys, arrays)
        heard, received = (
            jax.tree.map(lambda lost, one: jnp.where(lost, 0, one), is_lost, part)
            for part in (heard, received)
        )
    return Heard(heard, received)


def is_alike(params: BusParams) -> bool:
    """Tells whether nothing fresh is drawn for every synapse: broadcasts can be summed first."""
    return params.reception_noise is None and params.drop_rate is None
