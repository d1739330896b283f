"""A few synapses at a time: each is kicked with a chance q, by ±1/√q.

With q = 1 all are kicked, by signs as those of ``rademacher``; q = 1/P is one at a time on average.
"""

import math
from functools import lru_cache

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.numbers import CODE_NUMBERS
from neuromgd.randomness import Stream, each, once
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays

# A random word is a sign, and a number below this for the chance.
_CHANCES = 1 << 31


@lru_cache(maxsize=64)  # equal ones are one code, so that their runs share a program
def sparse(kick_share: float) -> Code:
    """Returns the code of a share of kicks q [1]."""
    below = round(kick_share * _CHANCES)

    def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
        """Returns ±1/√q or 0 for every synapse in one perturbation slot."""

        def pattern(
            own: Key[Array, ""], array: Array | jax.ShapeDtypeStruct
        ) -> Float[Array, "*array"]:
            words = once(jax.random.bits(own, array.shape, jnp.uint32))
            height = jnp.float32(1 / math.sqrt(kick_share))
            signed = jnp.where(words < jnp.uint32(_CHANCES), height, -height)
            return jnp.where(words % jnp.uint32(_CHANCES) < jnp.uint32(below), signed, 0)

        return jax.tree.map(pattern, each(key, Stream.CODE, slot, arrays), arrays)

    def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
        """Returns E‖Ĝ‖²/‖∇C‖² − 1 = (P − 2 + 1/q)/T: Σ_j≠i g_j² of others, g_i²(E[s⁴] − 1)."""
        return (synapses - 2 + 1 / kick_share) * per_slot

    return Code(
        draw,
        period=lambda synapses: None,
        excess=excess,
        largest=lambda synapses: 1 / math.sqrt(kick_share),
        kicked=lambda synapses: max(1, round(kick_share * synapses)),
        made=sparse,
    )


SPARSE = sparse(kick_share=CODE_NUMBERS["kick_share"].default)
