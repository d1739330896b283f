"""The accumulator: where a synapse sums its products until it is written."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each, uniform
from neuromgd.synapse.state import SynapseParams
from neuromgd.typing import Arrays, Count


def leaked(params: SynapseParams, total: Arrays, timesteps: Count) -> Arrays:
    """Returns what is left of the sums after some timesteps, G(1 − λ)^timesteps [cost/w.u.]."""
    if params.accumulator_leak is None:
        return total
    kept = (1 - params.accumulator_leak) ** jnp.asarray(timesteps, jnp.float32)
    return jax.tree.map(lambda one: one * kept, total)


def held(
    params: SynapseParams, rounding: str, total: Arrays, key: Key[Array, ""], n: Int[Array, ""]
) -> Arrays:
    """Returns the sums as the accumulators can hold them: within range, on a code [cost/w.u.].

    Args:
        params: How good the learning circuits are.
        rounding: ``stochastic`` (unbiased) or ``nearest``.
        total: Arrays of sums [cost/w.u.].
        key: Root key of the chip.
        n: Timestep of the addition.
    """
    limit, top = params.accumulator_range, params.accumulator_top
    if limit is None:
        return total
    total = jax.tree.map(lambda one: jnp.clip(one, -limit, limit), total)
    if top is None:
        return total
    step = limit / top
    if rounding == "nearest":
        return jax.tree.map(lambda one: step * jnp.round(one / step), total)
    keys = each(key, Stream.ACCUMULATOR, n, total)

    def stochastic(key: Key[Array, ""], one: Float[Array, "*array"]) -> Float[Array, "*array"]:
        code = jnp.floor(one / step + uniform(key, one.shape))
        return step * jnp.clip(code, -top, top)

    return jax.tree.map(stochastic, keys, total)
