"""Walsh codes: rows of a Hadamard matrix, so that no two synapses correlate over a period.

H_rc = (−1)^(number of ones that r and c share in binary) is the Sylvester–Hadamard matrix. Synapse
i has the row r = a·(i + 1) mod 2^k, with an odd a of the chip's own: all differ, and none is the
constant row 0. Every second period has the opposite sign: what of a cost is even in the kick
cancels.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): code division by Walsh codes.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, stream
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays


def period(synapses: int) -> int:
    """Returns the slots of a period: the least power of two above the number of synapses."""
    return 1 << synapses.bit_length()


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the ±1 of every synapse in one perturbation slot; arrays have their rows in turn."""
    leaves, structure = jax.tree.flatten(arrays)
    sizes = [math.prod(leaf.shape) for leaf in leaves]
    length = period(sum(sizes))
    odd = jax.random.bits(stream(key, Stream.CODE), (), jnp.uint32) | jnp.uint32(1)
    place = slot.astype(jnp.uint32)
    column, is_opposite = place % jnp.uint32(length), (place // jnp.uint32(length)) % jnp.uint32(2)
    signs, first = [], 1
    for leaf, size in zip(leaves, sizes, strict=True):
        numbers = jnp.arange(first, first + size, dtype=jnp.uint32)
        row = (odd * numbers) & jnp.uint32(length - 1)
        ones = jax.lax.population_count(row & column) + is_opposite
        signs.append(1.0 - 2.0 * (ones & jnp.uint32(1)).astype(jnp.float32).reshape(leaf.shape))
        first += size
    return jax.tree.unflatten(structure, signs)


def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
    """Returns E‖Ĝ‖²/‖∇C‖² − 1 of T perturbations: 0 from a whole period L on.

    Two rows agree or differ all through an aligned block of T = 2^j slots where their exclusive or
    has j zeros at its end, (L/T − 1) of L − 1 rows; else they cancel in it.
    """
    length = period(synapses)
    return (synapses - 1) * jnp.maximum(length * per_slot - 1, 0) / (length - 1)


WALSH = Code(draw, period, excess=excess)
