"""What convolutional networks have in common: images, convolutions and pools."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.errors import InputError
from neuromgd.network.mlp import INITIAL_WEIGHTS


def conv(channels: int, padding: str, initial_weights: str) -> nn.Conv:
    """Returns one array of 3×3 kernels and one of biases."""
    kernel, bias = INITIAL_WEIGHTS[initial_weights]
    return nn.Conv(channels, (3, 3), padding=padding, kernel_init=kernel, bias_init=bias)


def pooled(x: Float[Array, "samples rows columns channels"]) -> Array:
    """Returns the largest of every 2×2 pixels; an odd last row or column is left out."""
    return nn.max_pool(x, (2, 2), strides=(2, 2))


def as_images(x: Num[Array, "samples *input"]) -> Float[Array, "samples rows columns channels"]:
    """Returns images with an axis for colours."""
    x = x.astype(jnp.float32)
    return x[..., None] if x.ndim == 3 else x


def refuse_images(name: str, inputs: tuple[int, ...], lost: int, pools: int) -> None:
    """Raises InputError if inputs are no images, or nothing would be left of them.

    Args:
        name: Of the network.
        inputs: Shape of one input.
        lost: Pixels that a convolution takes from every side length.
        pools: How many convolutions and pools there are, one after the other.
    """
    if len(inputs) not in (2, 3):
        raise InputError(
            f"option network.model = {name!r}: takes images (rows, columns) or with colours, an"
            f" input has the shape {inputs}"
        )
    left = min(inputs[:2])
    for _ in range(pools):
        left = (left - lost) // 2
    if left < 1:
        raise InputError(
            f"option network.model = {name!r}: nothing is left of images of {inputs[0]} ×"
            f" {inputs[1]} pixels after {pools} pools"
        )
