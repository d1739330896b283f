"""A sign for every row times a sign for every column: m + n bits for an array of m·n synapses."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, UInt32

from neuromgd.randomness import Stream, each, once
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays, Factors

# A random word serves as many slots.
_SLOTS = 32


def factors(key: Key[Array, ""], arrays: Arrays, block: Int[Array, ""], count: int) -> Arrays:
    """Returns the row and column signs of every array, in slots that follow each other.

    The leading axes of an array count as its rows; one without rows has column signs alone.

    Args:
        key: Root key of the chip.
        arrays: Pytree with one leaf for each physical array.
        block: Number of the block of slots: they are block·count … block·count + count − 1.
        count: Slots in a block.

    Returns:
        The same pytree of ``Factors``.
    """
    first, is_aligned = block * count, count % _SLOTS == 0
    needed = count // _SLOTS if is_aligned else (count + 2 * _SLOTS - 2) // _SLOTS
    keys = jax.vmap(lambda word: each(key, Stream.CODE, word, arrays))(
        first // _SLOTS + jnp.arange(needed)
    )

    def unpacked(words: UInt32[Array, "words bits n"], axis: int) -> Float[Array, "slots n"]:
        shifts = jnp.arange(_SLOTS, dtype=jnp.uint32)
        shape = [1, 1, 1]
        shape[axis] = _SLOTS
        bits = (words << shifts.reshape(shape)) & jnp.uint32(1 << 31)
        signs = jax.lax.bitcast_convert_type(bits | jnp.float32(1).view(jnp.uint32), jnp.float32)
        flat = signs.reshape(-1, signs.shape[-1]) if axis == 1 else signs.reshape(len(signs), -1)
        if is_aligned:
            return flat
        return jax.lax.dynamic_slice_in_dim(flat, first % _SLOTS, count, 0 if axis == 1 else 1)

    def of_array(keys: Key[Array, " words"], array: Array) -> Factors:
        rows, columns = _shape(array.shape)
        draw = lambda key: jax.random.bits(key, (rows + columns,), jnp.uint32)
        words = once(jax.vmap(draw)(keys))
        signs = unpacked(words[:, None], 1)
        if array.ndim < 2:
            ones = jnp.ones((count, 1), jnp.float32)
            return Factors(ones, signs[:, rows:], ones.T)
        across = unpacked(words[:, :rows].T[:, :, None], 2)
        return Factors(signs[:, :rows], signs[:, rows:], across)

    return jax.tree.map(of_array, keys, arrays)


def _shape(shape: tuple[int, ...]) -> tuple[int, int]:
    return (math.prod(shape[:-1]), shape[-1]) if shape else (1, 1)


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the ±1 of every synapse in one perturbation slot: s_ij = r_i·c_j."""

    def pattern(array: Array, own: Factors) -> Float[Array, "*array"]:
        return own.dense()[0].reshape(array.shape)

    return jax.tree.map(pattern, arrays, factors(key, arrays, slot, 1))


PRODUCT = Code(draw, period=lambda synapses: None, factors=factors)
