"""The interface of a network that options can name, and what several of them have in common."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.errors import InputError
from neuromgd.network.mlp import INITIAL_WEIGHTS
from neuromgd.network.neurons import Neurons


class Wanted(NamedTuple):
    """What is asked of a network.

    Attributes:
        inputs: Shape of one input.
        outputs: Width of the last layer.
        hidden: Widths between them.
        activation: Name of the hidden activation.
        output_activation: Name of the activation of the last layer.
        initial_weights: Name of the distribution that weights start from.
        tokens: How many kinds of tokens there are; None: inputs are signals.
    """

    inputs: tuple[int, ...]
    outputs: int
    hidden: tuple[int, ...]
    activation: str = "relu"
    output_activation: str = "linear"
    initial_weights: str = "lecun"
    tokens: int | None = None


class Model(NamedTuple):
    """A network that options can name.

    Attributes:
        make: (what is wanted, **numbers) -> a Flax linen module; the numbers are those of
            ``neuromgd.numbers.NETWORK_NUMBERS`` that name it.
        hidden: (shape of one input) -> widths where nobody gives any; None: the task's.
        activation: Hidden activation where nobody gives one; None: the task's.
        amplitude: Perturbation amplitude Δθ where nobody gives one [w.u.]; None: the task's.
    """

    make: Callable[..., nn.Module]
    hidden: Callable[[tuple[int, ...]], tuple[int, ...]] | None = None
    activation: str | None = None
    amplitude: float | None = None


def dense(width: int, initial_weights: str, **options: Any) -> nn.Dense:
    """Returns one array of weights and one of biases, which start as they are told."""
    kernel, bias = INITIAL_WEIGHTS[initial_weights]
    return nn.Dense(width, kernel_init=kernel, bias_init=bias, **options)


def refuse_widths(name: str, wanted: Wanted, least: int, meaning: str) -> None:
    """Raises InputError if there are too few widths."""
    if len(wanted.hidden) < least:
        raise InputError(
            f"option network.hidden = {','.join(map(str, wanted.hidden))!r}: {name} takes {meaning}"
        )


class Sequence(nn.Module):
    """Inputs as signals that come one after the other; tokens are looked up.

    Attributes:
        tokens: How many kinds of tokens there are; None: inputs are signals.
        width: Of what a token becomes.
    """

    tokens: int | None
    width: int

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples time features"]:
        """Returns (samples, time, features): the first axis of an input is time."""
        if self.tokens is not None:
            return nn.Embed(self.tokens, self.width)(x.reshape(len(x), -1))
        x = x.astype(jnp.float32)
        return x[..., None] if x.ndim == 2 else x.reshape(*x.shape[:2], -1)


class Readout(nn.Module):
    """Dense layers behind what a network remembers.

    Attributes:
        widths: Of every layer, the last one included.
        activation: Name of the hidden activation.
        output_activation: Name of the activation of the last layer.
        initial_weights: Name of the distribution that weights start from.
    """

    widths: tuple[int, ...]
    activation: str
    output_activation: str
    initial_weights: str

    @nn.compact
    def __call__(self, x: Float[Array, "samples features"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the last layer."""
        for width in self.widths[:-1]:
            x = Neurons(self.activation)(dense(width, self.initial_weights)(x))
        return Neurons(self.output_activation)(dense(self.widths[-1], self.initial_weights)(x))


def readout(wanted: Wanted, hidden: tuple[int, ...]) -> Readout:
    """Returns the layers that end a network, with those hidden widths."""
    return Readout(
        (*hidden, wanted.outputs),
        wanted.activation,
        wanted.output_activation,
        wanted.initial_weights,
    )
