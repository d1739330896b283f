"""A world that does not stand still: inputs turn, labels move on, and what was stored drifts.

All of it is a function of the number of the window: whatever drifts has gone f(w) times its size.
"""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Int

from neuromgd.data.sample import Sample, as_shown
from neuromgd.typing import Leaf


class Drifting(struct.PyTreeNode, kw_only=True):
    """What drifts, how far and how fast; None for what does not.

    Attributes:
        shape: ``linear``, ``sinus`` or ``step``; static.
        period: () windows of a period.
        weights: () σ between cells of the drift of stored weights [w.u.].
        biases: () the same of stored biases [w.u.].
        angle: () that inputs are turned by [°].
        middle: (inputs,) about which they are turned [input units].
        labels: () classes that labels move on by.
        classes: () how many there are.
    """

    shape: str = struct.field(pytree_node=False, default="linear")
    period: Leaf
    weights: Leaf | None = None
    biases: Leaf | None = None
    angle: Leaf | None = None
    middle: Leaf | None = None
    labels: Leaf | None = None
    classes: Leaf | None = None


def gone(drifting: Drifting, window: Int[Array, ""]) -> Float[Array, ""]:
    """Returns f(w), how far it all has gone before a window [its size]."""
    periods = window.astype(jnp.float32) / drifting.period
    if drifting.shape == "sinus":
        return jnp.sin(2 * jnp.pi * (periods - jnp.floor(periods)))
    return jnp.floor(periods) if drifting.shape == "step" else periods


def drifted(
    drifting: Drifting | None, sample: Sample, scale: Leaf | None, window: Int[Array, ""]
) -> Sample:
    """Returns samples as the world shows them in a window.

    Args:
        drifting: What drifts; None: nothing.
        sample: (samples, …) as stored.
        scale: () what a stored input is multiplied by; None: tokens.
        window: Number of the window.
    """
    x, y = as_shown(sample.x, scale), sample.y
    if drifting is None:
        return Sample(x, y)
    if drifting.angle is not None and drifting.middle is not None:
        x = turned(x, drifting.middle, jnp.radians(drifting.angle * gone(drifting, window)))
    if drifting.labels is not None and drifting.classes is not None:
        step = drifting.labels * jnp.floor(gone(drifting, window)).astype(jnp.int32)
        y = (y + step) % drifting.classes
    return Sample(x, y)


def turned(
    x: Float[Array, "samples inputs"], middle: Leaf, angle: Float[Array, ""]
) -> Float[Array, "samples inputs"]:
    """Returns inputs of which the 1st and 2nd, 3rd and 4th … are turned about their middle [rad].

    The last of an odd number stays.
    """
    pairs = x.shape[-1] // 2 * 2
    off = x - middle[None]
    one, other = off[..., 0:pairs:2], off[..., 1:pairs:2]
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    both = jnp.stack([cosine * one - sine * other, sine * one + cosine * other], axis=-1)
    moved = both.reshape(*x.shape[:-1], pairs)
    return middle[None] + jnp.concatenate([moved, off[..., pairs:]], axis=-1)
