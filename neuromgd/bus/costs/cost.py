"""The interface of a cost: (output, target) of one sample -> scalar, zero at the target."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Cost = Callable[[Float[Array, "*output"], Array], Float[Array, ""]]


def wanted(output: Float[Array, " outputs"], target: Array) -> Float[Array, " outputs"]:
    """Returns the (outputs,) wanted activations; a class number stands for its one-hot vector."""
    if jnp.issubdtype(target.dtype, jnp.floating):
        return target.reshape(output.shape)
    if output.size == 1:
        return target.astype(jnp.float32).reshape(output.shape)
    return jax.nn.one_hot(target, output.size, dtype=jnp.float32)
