"""The drop along the wires of a crossbar: what is left of its cells, and of their noise.

Rows are driven from the first column on, columns are read at virtual ground behind the last row;
R is the resistance of one piece of wire, from the driver to the first cell, from cell to cell, or
from the last cell to the ground.

Every wire by itself is a ladder, which is solved exactly: v_ij is the voltage on row i at column j
for one volt at its driver, with all columns grounded; u_ij that on column j at row i for one volt
at its end, with all rows grounded. By reciprocity a cell then brings G_ij v_ij u_ij from driver to
end. What is left is current that goes from row i into another column l, through a cell into another
row k, and from there into column j. With the cell between them taken as the product of the means of
its row and its column, G_kl ≈ r_k c_l/G, the sum over all such ways is a product, and

    T_ij = v_ij u_ij (G_ij + a_ij b_ij/G),
    a_ij = R Σ_l min(j, l) G_il v_il c_l,   b_ij = R Σ_k (m + 1 − max(i, k)) G_kj u_kj r_k

is the current at the end of column j per volt on row i. To second order in R nothing is wrong but
what the product of the means misses. It costs some twenty operations a cell and m + n steps that
wait for each other.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.typing import Leaf

_TINY = 1e-30


def dropped(
    drop: Leaf,
    weight: Float[Array, "rows columns"],
    at_zero: Float[Array, "rows columns"] | None = None,
    is_pair: bool = False,
) -> tuple[Float[Array, "rows columns"], Float[Array, "rows columns"]]:
    """Returns the weights that are left behind wires, and the share of the σ of reading them.

    Args:
        drop: R times the conductance of 1 w.u. [1/w.u.].
        weight: (rows, columns) [w.u.].
        at_zero: (rows, columns) what the cells conduct at zero weight, see ``Encoding``; None: one
            cell conducts |w|, the other nothing [w.u.].
        is_pair: Whether a weight is half the difference of two cells, of equal noise; else of one
            to a reference that is read without.
    """
    first, second = jnp.maximum(weight, 0), jnp.maximum(-weight, 0)
    if at_zero is not None:
        first, second = at_zero + weight, at_zero - weight if is_pair else at_zero
    both = jax.vmap(shares, (None, 0))(drop, jnp.stack([first, second]))
    (of_first, of_second), (into_first, into_second) = both
    around = of_first * into_first - of_second * into_second
    if at_zero is None:
        left = of_first * first - of_second * second + around
    else:
        # Without the wires' share nothing is left but the weight, exactly.
        common = at_zero * (of_first - of_second) + around
        own = (of_first + of_second) * weight if is_pair else of_first * weight
        left = (own + common) / 2 if is_pair else own + common
    if is_pair:
        return left, jnp.sqrt((jnp.square(of_first) + jnp.square(of_second)) / 2)
    return left, jnp.where(weight < 0, of_second, of_first) if at_zero is None else of_first


def shares(
    drop: Leaf, conductance: Float[Array, "rows columns"]
) -> tuple[Float[Array, "rows columns"], Float[Array, "rows columns"]]:
    """Returns v·u and what comes in other ways, so that T = v·u·(G + that).

    Args:
        drop: R, times the unit of the conductances [1/their unit].
        conductance: (rows, columns) of the cells.
    """
    # A kick may ask for less than nothing: the wire carries no such load.
    load = jnp.maximum(conductance, 0)
    of_row, of_column = jnp.mean(load, axis=1), jnp.mean(load, axis=0)
    row, into_columns = _ladder(drop, load.T, of_column)
    column, into_rows = _ladder(drop, load[::-1], of_row[::-1])
    around = into_columns.T * into_rows[::-1] / jnp.maximum(jnp.mean(load), _TINY)
    return row.T * column[::-1], around


def _ladder(
    drop: Leaf, load: Float[Array, "cells wires"], weight: Float[Array, " cells"]
) -> tuple[Float[Array, "cells wires"], Float[Array, "cells wires"]]:
    """Solves wires that are driven before their first cell, with the other end of cells grounded.

    Returns:
        The (cells, wires) voltages v_j at one volt, and R·Σ_l min(j, l)·load_l·weight_l·v_l.
    """

    def back(behind, cell):
        # By cells from the far end on: what their current, its weighted sum and the drop of that
        # are, over the voltage here.
        (current, weighted, fallen), (own, factor) = behind, cell
        left = 1 / (1 + drop * current)
        fallen = (fallen + drop * weighted) * left
        here = (own + current * left, own * factor + weighted * left, fallen)
        return here, (here[0], fallen)

    def on(before, current):
        here = before / (1 + drop * current)
        return here, here

    nothing, weight = jnp.zeros_like(load[0]), jnp.broadcast_to(weight[:, None], load.shape)
    first, (currents, fallen) = jax.lax.scan(
        back, (nothing, nothing, nothing), (load, weight), reverse=True
    )
    _, voltages = jax.lax.scan(on, jnp.ones_like(nothing), currents)
    current, weighted, behind_all = first
    total = (behind_all + drop * weighted) / (1 + drop * current)
    return voltages, total[None] - fallen * voltages
