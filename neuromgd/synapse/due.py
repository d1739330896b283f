"""Who may be written at the end of a window: the largest requests only, or some rows in turn."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from neuromgd.typing import Leaf


def is_among_largest(
    request: Float[Array, "*array"], share: Float[Array, ""]
) -> Bool[Array, "*array"]:
    """Tells which requests are the largest of their array, a share of them; of equal ones all.

    Args:
        request: (*array) requested change [w.u.].
        share: () of the requests of an array that are written [1].
    """
    sizes = jnp.sort(jnp.abs(request), axis=None)
    first = jnp.floor((1 - share) * request.size).astype(jnp.int32)
    return jnp.abs(request) >= sizes[jnp.clip(first, 0, request.size - 1)]


def is_in_turn(
    request: Float[Array, "*array"], rows: int, window: Int[Array, ""]
) -> Bool[Array, "*array"]:
    """Tells which synapses lie in the rows whose turn it is; every row comes round equally often.

    Args:
        request: (*array) requested change; its leading axes taken together are rows.
        rows: That are written in one window.
        window: Number of the window.
    """
    lines = math.prod(request.shape[:-1]) if request.ndim > 1 else 1
    turn = jnp.arange(lines) // rows == window % -(-lines // rows)
    shape = (*request.shape[:-1], 1) if request.ndim > 1 else (1,) * request.ndim
    return jnp.broadcast_to(turn.reshape(shape), request.shape)


def is_due(
    request: Float[Array, "*array"], share: Leaf | None, rows: int | None, window: Int[Array, ""]
) -> Bool[Array, "*array"]:
    """Tells who may be written; None leaves the restriction out. The largest are those in turn."""
    turn = jnp.ones(request.shape, bool) if rows is None else is_in_turn(request, rows, window)
    if share is None:
        return turn
    return turn & is_among_largest(jnp.where(turn, request, 0), share) & (request != 0)
