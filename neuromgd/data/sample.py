"""A sample: what is shown to the chip and what is wanted of it."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Num

from neuromgd.typing import Leaf


class Sample(struct.PyTreeNode):
    """One sample, or several along a leading axis.

    Attributes:
        x: (*samples, *input) input, as stored (bytes, tokens) or as used (floats, tokens).
        y: (*samples, *target) class number or target values.
    """

    x: Leaf
    y: Leaf


def as_shown(x: Num[Array, "*input"], scale: Float[Array, ""] | None) -> Num[Array, "*input"]:
    """Returns inputs as the network takes them.

    Args:
        x: (*input) as stored.
        scale: () what they are multiplied by; None: they are tokens, and stay whole numbers.
    """
    return x if scale is None else x.astype(jnp.float32) * scale
