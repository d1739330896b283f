"""A sign for every row times a sign for every column: m + n bits for an array of m·n synapses."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each, once
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays, Factors

# A random word serves as many slots.
_SLOTS = 32


def factors(key: Key[Array, ""], arrays: Arrays, slots: Int[Array, " slots"]) -> Arrays:
    """Returns the row and column signs of every array.

    The leading axes of an array count as its rows; one without rows has column signs alone.

    Args:
        key: Root key of the chip.
        arrays: Pytree with one leaf for each physical array.
        slots: (slots,) numbers of perturbations that follow each other.

    Returns:
        The same pytree of ``Factors``.
    """
    first = slots[0] // _SLOTS
    words_needed = first + jnp.arange((len(slots) + 2 * _SLOTS - 2) // _SLOTS)
    keys = jax.vmap(lambda word: each(key, Stream.CODE, word, arrays))(words_needed)

    def of_array(keys: Key[Array, " words"], array: Array) -> Factors:
        rows, columns = _shape(array.shape)
        draw = lambda key: jax.random.bits(key, (rows + columns,), jnp.uint32)
        words = once(jax.vmap(draw)(keys))[slots // _SLOTS - first]
        bits = (words << (slots % _SLOTS).astype(jnp.uint32)[:, None]) & jnp.uint32(1 << 31)
        signs = jax.lax.bitcast_convert_type(bits | jnp.float32(1).view(jnp.uint32), jnp.float32)
        own_rows = signs[:, :rows] if array.ndim > 1 else jnp.ones((len(slots), 1), jnp.float32)
        return Factors(own_rows, signs[:, rows:])

    return jax.tree.map(of_array, keys, arrays)


def _shape(shape: tuple[int, ...]) -> tuple[int, int]:
    return (math.prod(shape[:-1]), shape[-1]) if shape else (1, 1)


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the ±1 of every synapse in one perturbation slot: s_ij = r_i·c_j."""

    def pattern(array: Array, own: Factors) -> Float[Array, "*array"]:
        return own.dense()[0].reshape(array.shape)

    return jax.tree.map(pattern, arrays, factors(key, arrays, slot[None]))


PRODUCT = Code(draw, period=lambda synapses: None, factors=factors)
