"""Converters: what a number loses when it crosses between analog and digital."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float

from neuromgd.typing import Leaf


def top_level(bits: int, is_unipolar: bool = False) -> Float[Array, ""]:
    """Returns the largest code of a converter.

    Args:
        bits: Resolution [bit]; one bit with a sign has no zero and tells it alone (top level 0).
        is_unipolar: Whether codes begin at zero; else they are symmetric about it.
    """
    if is_unipolar:
        return jnp.asarray(2.0**bits - 1, jnp.float32)
    return jnp.asarray(2.0 ** (bits - 1) - 1, jnp.float32)


class Converter(struct.PyTreeNode, kw_only=True):
    """One converter, with all that it needs worked out before it is used.

    Attributes:
        full_scale: () largest magnitude that has a code [its units].
        per_unit: () codes to a unit [1/its units].
        per_code: () units to a code [its units].
        bottom: () lowest code [1].
        top: () largest code [1].
        is_sign: () whether it keeps nothing but the sign.
    """

    full_scale: Leaf
    per_unit: Leaf
    per_code: Leaf
    bottom: Leaf
    top: Leaf
    is_sign: Leaf

    def __call__(self, value: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Returns the (*shape) values clipped and rounded to the nearest code."""
        codes = jnp.clip(jnp.round(value * self.per_unit), self.bottom, self.top)
        return jnp.where(self.is_sign, jnp.sign(value) * self.full_scale, codes * self.per_code)

    def is_over(self, value: Float[Array, "*shape"]) -> Bool[Array, "*shape"]:
        """Tells which (*shape) values reach the full scale."""
        return jnp.abs(value) >= self.full_scale


def converter(
    full_scale: Float[Array, ""], top: Float[Array, ""], bottom: Float[Array, ""] | None = None
) -> Converter:
    """Returns a converter with no division left in what it does.

    Args:
        full_scale: () largest magnitude that has a code, in any unit.
        top: () largest code, from ``top_level``; 0 keeps nothing but the sign.
        bottom: () lowest code; None: the largest with the other sign.
    """
    return Converter(
        full_scale=full_scale,
        per_unit=top / full_scale,
        per_code=full_scale / jnp.maximum(top, 1),
        bottom=-top if bottom is None else bottom,
        top=top,
        is_sign=top == 0,
    )


def quantise(
    value: Float[Array, "*shape"], full_scale: Float[Array, ""], top: Float[Array, ""]
) -> Float[Array, "*shape"]:
    """Clips to the full scale and rounds to the nearest code, as a converter of these does.

    The rounding error of a value in range is uniform with variance LSB²/12, LSB = full scale / top.
    """
    return converter(full_scale, top)(value)
