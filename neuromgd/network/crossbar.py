"""What a two-dimensional array of cells makes of the weights that were written to it.

A kernel lies in its array unfolded: its leading axes taken together are rows, its last the columns.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.network.params import NetworkParams
from neuromgd.typing import Arrays, Leaf


def effective(params: NetworkParams, theta: Arrays) -> Arrays:
    """Returns the weights that signals meet, after crosstalk and the drop along the wires."""
    if params.crosstalk is not None:
        coupling = params.crosstalk
        theta = jax.tree.map(lambda array: _unfolded(coupled, coupling, array), theta)
    if params.wire_drop is not None:
        drop = params.wire_drop
        theta = jax.tree.map(lambda array: _unfolded(dropped, drop, array), theta)
    return theta


def coupled(coupling: Leaf, cells: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
    """Returns θ + κ·(sum of the up to four nearest neighbours): the setting of a cell leaks.

    Args:
        coupling: κ, share of a neighbour's setting [1].
        cells: (rows, columns) settings [w.u.].
    """
    wide = jnp.pad(cells, 1)
    around = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]
    return cells + coupling * around


def dropped(drop: Leaf, cells: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
    """Returns the weights that are left when rows and columns are wires of finite resistance.

    Rows are driven from the first column on, columns are read at virtual ground behind the last
    row. Positive and negative weights lie in an array each, and |w| is the conductance of the cell
    that carries it. To first order in the wire resistance R a cell loses the share

        δ_ij = R·(Σ_l min(j, l)·G_il + Σ_k (m + 1 − max(i, k))·G_kj),  i, j, k, l from 1,

    the drop along its row and along its column, whatever is applied; 1/(1 + δ) has the same first
    order and never turns a weight round.

    Args:
        drop: R of a piece of wire from cell to cell, times the conductance of 1 w.u. [1/w.u.].
        cells: (rows, columns) weights [w.u.].
    """

    def left(conductance: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
        # The current in a piece of wire is what the cells behind it draw; the drop adds them up.
        behind = jnp.cumsum(conductance[:, ::-1], axis=1)[:, ::-1]
        along_row = jnp.cumsum(behind, axis=1)
        before = jnp.cumsum(conductance, axis=0)
        along_column = jnp.cumsum(before[::-1], axis=0)[::-1]
        return conductance / (1 + drop * (along_row + along_column))

    return left(jnp.maximum(cells, 0)) - left(jnp.maximum(-cells, 0))


def _unfolded(change, strength: Leaf, array: Float[Array, "*array"]) -> Float[Array, "*array"]:
    columns = array.shape[-1] if array.ndim else 1
    return change(strength, array.reshape(-1, columns)).reshape(array.shape)
