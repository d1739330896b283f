"""Three convolutions, each with a pool behind it, and one dense array.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): 14,378 weights on Fashion-MNIST, 26,154 on
    CIFAR-10.
"""

from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.network.models.images import as_images, conv, pooled, refuse_images
from neuromgd.network.models.model import Model, Readout, Wanted, readout, refuse_widths
from neuromgd.network.neurons import Neurons


class CNN(nn.Module):
    """3×3 convolutions without padding, each with a 2×2 pool, and a dense layer.

    Attributes:
        channels: Of every convolution.
        activation: Name of their activation.
        initial_weights: Name of the distribution that weights start from.
        last: The dense layer.
    """

    channels: tuple[int, ...]
    activation: str
    initial_weights: str
    last: Readout

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the last layer."""
        x = as_images(x)
        for channels in self.channels:
            x = pooled(Neurons(self.activation)(conv(channels, "VALID", self.initial_weights)(x)))
        return self.last(x.reshape(len(x), -1))


def _make(wanted: Wanted) -> CNN:
    refuse_widths("cnn", wanted, 1, "the channels of every convolution")
    refuse_images("cnn", wanted.inputs, 2, len(wanted.hidden))
    last = readout(wanted, ())
    return CNN(wanted.hidden, wanted.activation, wanted.initial_weights, last)


def _channels(inputs: tuple[int, ...]) -> tuple[int, ...]:
    """Returns what the authors take for grey images, and for coloured ones."""
    return (16, 32, 64) if len(inputs) == 3 else (16, 32, 32)


CNN_2023 = Model(_make, hidden=_channels, activation="relu")
