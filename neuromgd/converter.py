"""Converters: what a number loses when it crosses between analog and digital."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def top_level(bits: int) -> Float[Array, ""]:
    """Returns the largest code of a signed converter whose codes are symmetric about zero.

    Args:
        bits: Resolution [bit]; one bit has no zero and tells the sign alone (top level 0).
    """
    return jnp.asarray(2.0 ** (bits - 1) - 1, jnp.float32)


def quantise(
    value: Float[Array, "*shape"], full_scale: Float[Array, ""], top: Float[Array, ""]
) -> Float[Array, "*shape"]:
    """Clips to the full scale and rounds to the nearest code.

    The rounding error of a value in range is uniform with variance LSB²/12, LSB = full scale / top.

    Args:
        value: (*shape) what is converted, in any unit.
        full_scale: Largest magnitude that has a code, in the same unit.
        top: Largest code, from ``top_level``; 0 keeps nothing but the sign.
    """
    codes = jnp.round(jnp.clip(value / full_scale, -1, 1) * top)
    steps = codes / jnp.maximum(top, 1)
    return full_scale * jnp.where(top > 0, steps, jnp.sign(value))
