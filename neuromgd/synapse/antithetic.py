"""Pairs of opposite kicks: every pattern of a code is followed by its opposite.

What of a cost is even in the kick cancels between the two slots of a pair, where both see the same
sample and the same weights, as between the two sides of ``central`` passes; but the two readings
may lie apart in time, and each has a reference of its own.
"""

from functools import lru_cache

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays, Factors


@lru_cache(maxsize=64)  # equal ones are one code, so that their runs share a program
def antithetic(code: Code) -> Code:
    """Returns a code whose slots 2k and 2k + 1 are the slot k of another one and its opposite."""

    def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
        pattern, sign = code.draw(key, arrays, slot // 2), _sign(slot)
        return jax.tree.map(lambda one: sign * one, pattern)

    def factors(key: Key[Array, ""], arrays: Arrays, block: Int[Array, ""], count: int) -> Arrays:
        assert code.factors is not None
        slots = block * count + jnp.arange(count)
        if count % 2 == 0:
            each = code.factors(key, arrays, block, count // 2)
            double = lambda own: Factors(
                jnp.repeat(own.rows, 2, axis=0),
                jnp.repeat(own.columns, 2, axis=0) * _sign(slots)[:, None],
                jnp.repeat(own.across, 2, axis=1),
            )
            return jax.tree.map(double, each, is_leaf=lambda one: isinstance(one, Factors))
        drawn = code.factors
        alone = jax.vmap(lambda slot: drawn(key, arrays, slot // 2, 1))(slots)
        joined = lambda own: Factors(
            own.rows[:, 0], own.columns[:, 0] * _sign(slots)[:, None], own.across[:, :, 0].T
        )
        return jax.tree.map(joined, alone, is_leaf=lambda one: isinstance(one, Factors))

    def period(synapses: int) -> int | None:
        own = code.period(synapses)
        return None if own is None else 2 * own

    def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
        """Returns E‖Ĝ‖²/‖∇C‖² − 1: a pair tells of a linear cost what one of its slots tells."""
        return code.excess(synapses, jnp.minimum(2 * per_slot, 1))

    return Code(
        draw,
        period,
        factors=None if code.factors is None else factors,
        excess=excess,
        largest=code.largest,
        kicked=code.kicked,
        is_in_turn=code.is_in_turn,
    )


def _sign(slot: Int[Array, "*slots"]) -> Float[Array, "*slots"]:
    return 1.0 - 2.0 * (slot % 2).astype(jnp.float32)
