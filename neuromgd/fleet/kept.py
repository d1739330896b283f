"""Chips as plain arrays, for a file: to it, the key of a chip is an array of words."""

import jax
import jax.numpy as jnp

from neuromgd.chip.chip import Chip
from neuromgd.randomness import GENERATORS
from neuromgd.typing import Arrays


def as_arrays(chips: Chip) -> Arrays:
    """Returns copies of the arrays of chips, which stay when the chips advance."""
    return _copies(chips)


def shapes_as_arrays(shapes: Chip, to: Chip) -> Arrays:
    """Returns the shapes of ``as_arrays``, with the sharding of where each goes."""
    return jax.tree.map(
        lambda leaf, sharding: jax.eval_shape(_words, leaf).update(sharding=sharding), shapes, to
    )


def as_chips(arrays: Arrays, generator: str) -> Chip:
    """Returns the chips again.

    Args:
        arrays: From ``as_arrays``.
        generator: Name of the random generator of their keys.
    """
    return arrays.replace(key=jax.random.wrap_key_data(arrays.key, impl=GENERATORS[generator]))


@jax.jit  # one program, not one for every shape
def _copies(chips: Chip) -> Arrays:
    return jax.tree.map(lambda leaf: jnp.copy(_words(leaf)), chips)


def _words(leaf: jax.Array) -> jax.Array:
    is_key = jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    return jax.random.key_data(leaf) if is_key else leaf
