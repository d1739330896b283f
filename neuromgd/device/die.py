"""Spread that neighbours on the die have in common: a gradient over an array, its rows and columns.

A spread is drawn from ξ_i = √(1 − g − r − c) ξ_own + √g plane + √r ξ_row + √c ξ_column, each part
independent and of mean square 1 over the array, so that its σ stays. A plane has a direction and a
slope of its own in every array and trait.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from neuromgd.device.params import DeviceParams
from neuromgd.randomness import normal
from neuromgd.typing import Leaf


def deviates(
    params: DeviceParams, key: Key[Array, ""], shape: tuple[int, ...], is_pair: bool = False
) -> Float[Array, "*cells"]:
    """Draws the (*cells) standard normals of one trait.

    The last axis of an array numbers its columns, all others its rows. The two cells of a pair lie
    beside each other: they share their row and their place, and have each a column of its own.

    Args:
        params: Gives the shares.
        key: Of this array and this trait.
        shape: Of its cells.
        is_pair: Whether the leading axis numbers the cells of a pair.
    """
    shares = (params.gradient_share, params.row_share, params.column_share)
    own = normal(key, shape)
    if all(share is None for share in shares):
        return own
    gradient, row, column = (jnp.zeros((), jnp.float32) if s is None else s for s in shares)
    crossbars, columns = shape[0] if is_pair else 1, shape[-1] if shape else 1
    rows = math.prod(shape) // (crossbars * columns)
    left = jnp.maximum(1 - gradient - row - column, 0)
    common = (
        _root(gradient) * _plane(jax.random.fold_in(key, 1), rows, columns)
        + _root(row) * normal(jax.random.fold_in(key, 2), (1, rows, 1))
        + _root(column) * normal(jax.random.fold_in(key, 3), (crossbars, 1, columns))
    )
    return _root(left) * own + jnp.broadcast_to(common, (crossbars, rows, columns)).reshape(shape)


def _plane(key: Key[Array, ""], rows: int, columns: int) -> Float[Array, "1 rows columns"]:
    """Returns a plane through the middle of an array, of mean square 1 on average."""
    down, across = (_centred(count) for count in (rows, columns))
    slope = normal(key, (2,))
    plane = slope[0] * down[:, None] + slope[1] * across[None, :]
    size = jnp.mean(down**2) + jnp.mean(across**2)
    return (plane / jnp.sqrt(jnp.maximum(size, 1e-12)))[None]


def _centred(count: int) -> Float[Array, " count"]:
    place = jnp.arange(count, dtype=jnp.float32)
    return (2 * place - (count - 1)) / max(count - 1, 1)


def _root(share: Leaf) -> Leaf:
    return jnp.sqrt(share)
