"""Neurons: the activation circuits behind an array, every one with its own static defects."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Key

from neuromgd.randomness import Stream, normal, stream
from neuromgd.typing import Leaf

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "linear": lambda x: x,
}

_DEFECTS = (
    Stream.NEURON_GAIN,
    Stream.NEURON_SLOPE,
    Stream.NEURON_SHIFT,
    Stream.NEURON_OFFSET,
)


class Neurons(nn.Module):
    """A layer of activation circuits; a chip gives every one of them its own defects.

    Attributes:
        activation: Name in ``ACTIVATIONS``, or any elementwise function.
    """

    activation: str | Callable[[Array], Array] = "relu"

    @nn.compact
    def __call__(self, x: Float[Array, "samples *neurons"]) -> Float[Array, "samples *neurons"]:
        """Returns the (samples, *neurons) activations."""
        if isinstance(self.activation, str):
            return ACTIVATIONS[self.activation](x)
        return self.activation(x)


def defective(
    activation: Callable[[Array], Array],
    spread: Leaf,
    key: Key[Array, ""],
    layer: int,
    x: Float[Array, "samples *neurons"],
) -> Float[Array, "samples *neurons"]:
    """Returns f(x) = (1 + σξ₁)·h((1 + σξ₂)(x − σξ₃)) + σξ₄ of every neuron.

    The four ξ are drawn once for every neuron of a chip.

    Args:
        activation: h.
        spread: σ [1].
        key: Root key of the chip.
        layer: Number of the layer of neurons, in the order of the forward pass.
        x: (samples, *neurons) what drives them.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023), defects of a logistic activation.
    """
    gain, slope, shift, offset = (
        spread * normal(stream(key, which, layer), x.shape[1:])[None] for which in _DEFECTS
    )
    return (1 + gain) * activation((1 + slope) * (x - shift)) + offset
