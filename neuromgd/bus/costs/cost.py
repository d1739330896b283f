"""The interface of a cost: (output, target) of one sample -> scalar, zero at the target."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Cost = Callable[[Float[Array, "*output"], Array], Float[Array, ""]]


def wanted(
    output: Float[Array, "*positions outputs"], target: Array
) -> Float[Array, "*positions outputs"]:
    """Returns the wanted activations; a class number stands for its one-hot vector."""
    if jnp.issubdtype(target.dtype, jnp.floating):
        return target.reshape(output.shape)
    if output.shape[-1] == 1:
        return target.astype(jnp.float32).reshape(output.shape)
    return jax.nn.one_hot(target, output.shape[-1], dtype=jnp.float32)
