"""Mean squared error."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.bus.costs.cost import wanted


def mean_squared_error(
    output: Float[Array, "*positions outputs"], target: Array
) -> Float[Array, ""]:
    """Returns the mean over outputs of the squared error [1].

    Args:
        output: (*positions, outputs) activations.
        target: (*positions) class numbers (the value itself if there is one output), or as many
            values as there are outputs.
    """
    return jnp.mean(jnp.square(output - wanted(output, target)))
