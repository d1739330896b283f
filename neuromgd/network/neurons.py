"""Neurons: the activation circuits behind an array, every one with its own static defects."""

from collections.abc import Callable
from typing import NamedTuple

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


def is_rectifier(activation: Callable[[Array], Array]) -> bool:
    """Tells whether an activation is 0, and its slope too, for all that is not above 0."""
    with jax.ensure_compile_time_eval():
        below = jnp.linspace(-8.0, 0.0, 65)
        value, slope = jax.jvp(activation, (below,), (jnp.ones_like(below),))
        return not bool(jnp.any(value)) and not bool(jnp.any(slope))


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


class Defects(NamedTuple):
    """The four ξ of every neuron of a layer, times σ: (*neurons) each, drawn once for a chip.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023), defects of a logistic activation.
    """

    gain: Float[Array, "*neurons"]
    slope: Float[Array, "*neurons"]
    shift: Float[Array, "*neurons"]
    offset: Float[Array, "*neurons"]

    def into(self, x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Returns (1 + σξ₂)(x − σξ₃), what an activation h gets in place of x."""
        return (1 + self.slope) * (x - self.shift)

    def out_of(self, y: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Returns (1 + σξ₁)·h + σξ₄, what a neuron gives in place of its activation h."""
        return (1 + self.gain) * y + self.offset


def defects(spread: Leaf, key: Key[Array, ""], layer: int, shape: tuple[int, ...]) -> Defects:
    """Draws the defects of a layer of neurons.

    Args:
        spread: σ [1].
        key: Root key of the chip.
        layer: Number of the layer of neurons, in the order of the forward pass.
        shape: (*neurons) of the layer.
    """
    return Defects(*(spread * normal(stream(key, which, layer), shape) for which in _DEFECTS))
