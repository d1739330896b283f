"""Convolutions in pairs, ever wider, and three dense arrays: a network whose width is one number.

References:
    Oripov et al., APL Mach. Learn. 3, 026107 (2025): 439 d² + 71 d + 10 weights on Fashion-MNIST.
"""

from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.network.models.images import as_images, conv, pooled, refuse_images
from neuromgd.network.models.model import Model, Readout, Wanted, readout
from neuromgd.network.neurons import Neurons

_PAIRS = 3


class VGG(nn.Module):
    """Three pairs of padded 3×3 convolutions with a 2×2 pool behind each, and three dense layers.

    Attributes:
        width: d, channels of the first pair; every further pair has twice as many.
        activation: Name of the hidden activation.
        initial_weights: Name of the distribution that weights start from.
        last: The dense layers.
    """

    width: int
    activation: str
    initial_weights: str
    last: Readout

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the last layer."""
        x = as_images(x)
        for pair in range(_PAIRS):
            for _ in range(2):
                array = conv(2**pair * self.width, "SAME", self.initial_weights)
                x = Neurons(self.activation)(array(x))
            x = pooled(x)
        return self.last(x.reshape(len(x), -1))


def _make(wanted: Wanted, width: float) -> VGG:
    refuse_images("vgg", wanted.inputs, 0, _PAIRS)
    d = int(width)
    last = readout(wanted, (4 * d, 4 * d))
    return VGG(d, wanted.activation, wanted.initial_weights, last)


VGG_2025 = Model(_make, hidden=lambda inputs: (), activation="tanh")
