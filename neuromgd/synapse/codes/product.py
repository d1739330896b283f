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

    def cut(signs: Array, axis: int) -> Array:
        if is_aligned:
            return signs
        return jax.lax.dynamic_slice_in_dim(signs, first % _SLOTS, count, axis)

    def of_array(keys: Key[Array, " words"], array: Array | jax.ShapeDtypeStruct) -> Factors:
        rows, columns = _shape(array.shape)
        draw = lambda key: jax.random.bits(key, (rows + columns,), jnp.uint32)
        words = once(jax.vmap(draw)(keys))
        signs = cut(_unpacked(words[:, None], 1).reshape(-1, rows + columns), 0)
        if array.ndim < 2:
            ones = jnp.ones((count, 1), jnp.float32)
            return Factors(ones, signs[:, rows:], ones.T)
        across = cut(_unpacked(words[:, :rows].T[:, :, None], 2).reshape(rows, -1), 1)
        return Factors(signs[:, :rows], signs[:, rows:], across)

    return jax.tree.map(of_array, keys, arrays)


def _unpacked(words: UInt32[Array, "*words"], axis: int) -> Float[Array, "*signs"]:
    """Returns a sign for every bit of the words, along an axis of length 1."""
    others = [other for other in range(words.ndim) if other != axis]
    shifts = jnp.expand_dims(jnp.arange(_SLOTS, dtype=jnp.uint32), others)
    bits = (words << shifts) & jnp.uint32(1 << 31)
    return jax.lax.bitcast_convert_type(bits | jnp.float32(1).view(jnp.uint32), jnp.float32)


def _shape(shape: tuple[int, ...]) -> tuple[int, int]:
    return (math.prod(shape[:-1]), shape[-1]) if shape else (1, 1)


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the ±1 of every synapse in one perturbation slot: s_ij = r_i·c_j."""

    def pattern(array: Array | jax.ShapeDtypeStruct, own: Factors) -> Float[Array, "*array"]:
        return own.dense()[0].reshape(array.shape)

    return jax.tree.map(pattern, arrays, factors(key, arrays, slot, 1))


PRODUCT = Code(draw, period=lambda synapses: None, factors=factors)
