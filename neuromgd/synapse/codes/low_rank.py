"""Sums of r products of a row and a column sign: from ``product`` (r = 1) towards normal kicks.

s_ij = Σ_k r_ik·c_jk/√r, so that an array of m·n synapses needs r(m + n) bits, and its kick has rank
r. The products are those of the slots r·t … r·t + r − 1 of ``product``.

References:
    Sarkar et al., arXiv 2511.16652 (2025): perturbations of low rank.
"""

import math
from functools import lru_cache

import jax
from jaxtyping import Array, Float, Int, Key

from neuromgd.numbers import CODE_NUMBERS
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.codes.product import factors
from neuromgd.typing import Arrays, Factors


@lru_cache(maxsize=64)  # equal ones are one code, so that their runs share a program
def low_rank(rank: int) -> Code:
    """Returns the code of so many products."""

    def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
        """Returns the kick of every synapse in one perturbation slot, of mean square 1."""

        def pattern(array: Array | jax.ShapeDtypeStruct, own: Factors) -> Float[Array, "*array"]:
            return (own.across @ own.columns / math.sqrt(rank)).reshape(array.shape)

        return jax.tree.map(pattern, arrays, factors(key, arrays, slot, rank))

    def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
        """Returns E‖Ĝ‖²/‖∇C‖² − 1 = (P + 1 − 2/r)/T: independent signs, and E[s⁴] = 3 − 2/r."""
        return (synapses + 1 - 2 / rank) * per_slot

    return Code(
        draw,
        period=lambda synapses: None,
        excess=excess,
        largest=lambda synapses: math.sqrt(rank),
        made=low_rank,
    )


LOW_RANK = low_rank(rank=CODE_NUMBERS["rank"].default)
