"""The order of the samples: every epoch a true permutation, drawn from the chip's own key.

Any presentation is looked up alone, without sorting the epoch it stands in. Positions lie on a grid
of about √size by √size; a round shifts every row of it round by its own random offset, then every
column. Each shift is a bijection, so the rounds together are one, and they mix like a card shuffle.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from neuromgd.randomness import Stream, stream

# Rounds of shifts: after them, the order of six samples is within 4e-4 (total variation) of a fair
# shuffle.
ROUNDS = 12

# Up to so many samples are ranked by a random word each: fewer draws than the offsets of a grid.
FEW = 16


def order(
    key: Key[Array, ""], first: Int[Array, ""], count: int, size: int
) -> Int[Array, " count"]:
    """Returns which samples are shown, in order.

    Args:
        key: Root key of the chip.
        first: Number of presentations before these.
        count: How many presentations.
        size: Samples in the training set.

    Returns:
        (count,) indices; presentations e·size … (e+1)·size − 1 show every sample once.
    """
    epochs = first // size + jnp.arange((count - 1) // size + 2)
    if size <= FEW:
        every = jax.vmap(lambda epoch: _ranked(stream(key, Stream.ORDER, epoch), size))(epochs)
        return jax.lax.dynamic_slice(every.reshape(-1), (first % size,), (count,))
    rows = math.isqrt(size - 1) + 1
    columns = -(-size // rows)
    presentation = first + jnp.arange(count)
    epoch = presentation // size - first // size

    def offsets(
        epoch: Int[Array, ""],
    ) -> tuple[Int[Array, "rounds rows"], Int[Array, "rounds columns"]]:
        row_key, column_key = jax.random.split(stream(key, Stream.ORDER, epoch))
        return (
            jax.random.randint(row_key, (ROUNDS, rows), 0, columns),
            jax.random.randint(column_key, (ROUNDS, columns), 0, rows),
        )

    row_offsets, column_offsets = jax.vmap(offsets)(epochs)

    def shuffle(position: Int[Array, " count"]) -> Int[Array, " count"]:
        def one_round(number, place):
            row, column = place
            column = _wrapped(column + row_offsets[epoch, number, row], columns)
            row = _wrapped(row + column_offsets[epoch, number, column], rows)
            return row, column

        start = position // columns, position % columns
        row, column = jax.lax.fori_loop(0, ROUNDS, one_round, start)
        return row * columns + column

    # The grid may have places to spare: who lands on one walks on until back among the samples.
    return jax.lax.while_loop(
        lambda position: jnp.any(position >= size),
        lambda position: jnp.where(position < size, position, shuffle(position)),
        shuffle(presentation % size),
    )


def _ranked(key: Key[Array, ""], size: int) -> Int[Array, " size"]:
    """Returns a permutation: samples by the size of a random word, equal words by their number."""
    words, number = jax.random.bits(key, (1, size), jnp.uint32), jnp.arange(size)[None]
    is_less, is_equal = words > words.T, words == words.T
    rank = jnp.sum(is_less | (is_equal & (number > number.T)), axis=0, keepdims=True)
    return jnp.sum(jnp.where(rank == number.T, number, 0), axis=1)


def _wrapped(place: Int[Array, " count"], length: int) -> Int[Array, " count"]:
    return jnp.where(place >= length, place - length, place)
