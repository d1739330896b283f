"""Standard normals from pairs of random words, in arithmetic that a processor does side by side.

JAX inverts the error function, in two long polynomials and a logarithm that is computed one number
at a time; here that is four fifths of a noisy write.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt32
from numpy.polynomial import Chebyshev, Polynomial


def _fitted(function: Callable, low: float, high: float, degree: int) -> list[np.float32]:
    """Returns the coefficients of a polynomial that follows a function to float32 precision."""
    fit = Chebyshev.interpolate(function, degree, domain=[low, high])
    return list(fit.convert(kind=Polynomial, domain=[-1, 1], window=[-1, 1]).coef.astype("f4"))


def _log1p_over(x: np.ndarray) -> np.ndarray:
    return np.divide(np.log1p(x), x, out=np.ones_like(x), where=x != 0)


# A mantissa from ¾ to 1½ less one, and the square of a half turn's fraction.
_LOG1P_OVER_X = _fitted(_log1p_over, -0.25, 0.5, 8)
_COS_OF_ROOT = _fitted(lambda square: np.cos(np.pi * np.sqrt(square)), 0.0, 0.25, 5)
_SPLIT = np.int32(np.float32(0.75).view(np.int32))


# Traced once for each shape, as ``philox`` is.
@jax.jit
def box_muller(
    radius: UInt32[Array, "*shape"], angle: UInt32[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Returns (*shape) standard normals, √(−2 ln u)·cos(2πv), of two words each.

    References:
        Box and Muller, Ann. Math. Statist. 29, 610 (1958).
    """
    length = jnp.sqrt(jnp.maximum(-2 * _log_share(radius), 0))
    # Half a turn either way has a cosine that is never negative; a bit of its own gives the sign.
    turn = angle.astype(jnp.int32).astype(jnp.float32) * jnp.float32(2.0**-32)
    size = jax.lax.bitcast_convert_type(length * _horner(_COS_OF_ROOT, turn * turn), jnp.uint32)
    return jax.lax.bitcast_convert_type(size ^ (radius << 31), jnp.float32)


def _log_share(word: UInt32[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Returns ln((word + ½)/2³²)."""
    bits = jax.lax.bitcast_convert_type(word.astype(jnp.float32) + 0.5, jnp.int32)
    exponent = (bits - _SPLIT) >> 23
    x = jax.lax.bitcast_convert_type(bits - (exponent << 23), jnp.float32) - 1
    return x * _horner(_LOG1P_OVER_X, x) + (exponent - 32).astype(jnp.float32) * np.float32(
        np.log(2)
    )


def _horner(coefficients: list[np.float32], x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    value = jnp.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value
