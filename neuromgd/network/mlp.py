"""The multilayer perceptron: dense arrays with an activation circuit after each."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.network.neurons import Neurons

# How weights start: kernels by this, biases at zero unless it says otherwise.
INITIAL_WEIGHTS: dict[str, tuple[Callable, Callable]] = {
    "lecun": (nn.initializers.lecun_normal(), nn.initializers.zeros_init()),
    "he": (nn.initializers.he_normal(), nn.initializers.zeros_init()),
    "uniform": (
        lambda *a: jax.random.uniform(*a, minval=-0.5, maxval=0.5),
        lambda *a: jax.random.uniform(*a, minval=-0.5, maxval=0.5),
    ),
}


class MLP(nn.Module):
    """Dense layers, each one array of weights and one of biases.

    Attributes:
        widths: Outputs of every layer, the last one included.
        activation: Name of the hidden activation.
        output_activation: Name of the activation of the last layer.
        initial_weights: Name of the distribution that weights start from.
    """

    widths: tuple[int, ...]
    activation: str = "relu"
    output_activation: str = "linear"
    initial_weights: str = "lecun"

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the last layer."""
        kernel, bias = INITIAL_WEIGHTS[self.initial_weights]
        x = x.reshape(x.shape[0], -1).astype(jnp.float32)
        for layer, width in enumerate(self.widths):
            x = nn.Dense(width, kernel_init=kernel, bias_init=bias)(x)
            is_last = layer == len(self.widths) - 1
            x = Neurons(self.output_activation if is_last else self.activation)(x)
        return x
