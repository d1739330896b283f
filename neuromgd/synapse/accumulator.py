"""The accumulator: where a synapse sums its products, or what it could not write yet."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each, uniform
from neuromgd.typing import Arrays, Count, Leaf


def leaked(leak: Leaf | None, total: Arrays, timesteps: Count) -> Arrays:
    """Returns what is left of the sums after some timesteps, G(1 − λ)^timesteps.

    Args:
        leak: () share λ that is lost in every timestep [1]; None: none.
        total: Arrays of sums, in any unit.
        timesteps: How many.
    """
    if leak is None:
        return total
    kept = (1 - leak) ** jnp.asarray(timesteps, jnp.float32)
    return jax.tree.map(lambda one: one * kept, total)


def held(
    limit: Leaf | None,
    top: Leaf | None,
    rounding: str,
    total: Arrays,
    key: Key[Array, ""],
    noise: Stream,
    n: Int[Array, ""],
) -> Arrays:
    """Returns the sums as the accumulators can hold them: within range, on a code.

    Args:
        limit: () full scale, in the unit of the sums; None: they hold anything.
        top: () largest code [1]; None: any value in the range.
        rounding: ``stochastic`` (unbiased) or ``nearest``.
        total: Arrays of sums.
        key: Root key of the chip.
        noise: Stream of the stochastic rounding.
        n: Event of that stream, in the units that it counts.
    """
    if limit is None:
        return total
    total = jax.tree.map(lambda one: jnp.clip(one, -limit, limit), total)
    if top is None:
        return total
    step = limit / top
    if rounding == "nearest":
        return jax.tree.map(lambda one: step * jnp.round(one / step), total)
    keys = each(key, noise, n, total)

    def stochastic(key: Key[Array, ""], one: Float[Array, "*array"]) -> Float[Array, "*array"]:
        code = jnp.floor(one / step + uniform(key, one.shape))
        return step * jnp.clip(code, -top, top)

    return jax.tree.map(stochastic, keys, total)
