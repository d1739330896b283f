"""Cost functions of one sample: (output, target) -> scalar, zero at the target."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

Cost = Callable[[Float[Array, "*output"], Array], Float[Array, ""]]


def _wanted(output: Float[Array, " outputs"], target: Array) -> Float[Array, " outputs"]:
    # A class number stands for the one-hot vector of a layer with one output a class.
    if jnp.issubdtype(target.dtype, jnp.floating):
        return target.reshape(output.shape)
    if output.size == 1:
        return target.astype(jnp.float32).reshape(output.shape)
    return jax.nn.one_hot(target, output.size, dtype=jnp.float32)


def cross_entropy(output: Float[Array, " outputs"], target: Array) -> Float[Array, ""]:
    """Returns −log of the probability that softmax gives to the wanted class [nat].

    Args:
        output: (outputs,) logits, at least two.
        target: () class number, or (outputs,) probabilities.
    """
    return optax.losses.softmax_cross_entropy(output, _wanted(output, target))


def mean_squared_error(output: Float[Array, " outputs"], target: Array) -> Float[Array, ""]:
    """Returns the mean over outputs of the squared error [1].

    Args:
        output: (outputs,) activations.
        target: () class number (the value itself if there is one output), or (outputs,) values.
    """
    return jnp.mean(jnp.square(output - _wanted(output, target)))


COSTS: dict[str, Cost] = {
    "cross_entropy": cross_entropy,
    "mse": mean_squared_error,
}
