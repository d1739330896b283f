"""The order of the samples: every epoch a true permutation, drawn from the chip's own key."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from neuromgd.randomness import Stream, stream


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
    keys = jax.vmap(lambda epoch: stream(key, Stream.ORDER, epoch))(epochs)
    shuffled = jax.vmap(lambda epoch_key: jax.random.permutation(epoch_key, size))(keys)
    return jax.lax.dynamic_slice(shuffled.reshape(-1), (first % size,), (count,))
