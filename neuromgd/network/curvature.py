"""Curved I–V characteristics: a cell draws G·V0 sinh(V/V0), not G·V, at a read voltage V.

A full-scale input is read at V_read, so that an input x drives every cell of its row as
(x_fs/r) sinh(r x/x_fs) would drive an ohmic one, r = V_read/V0, x(1 + (r x/x_fs)²/6) to third
order. All cells of an array bend alike, both of a pair and their references too. The kicks of
weights and what a synapse sees of its row bend with the signal.

References:
    Simmons, J. Appl. Phys. 34, 1793 (1963): tunnelling between similar electrodes.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.network.params import NetworkParams
from neuromgd.typing import Leaf

# Below it a characteristic is straight to within float32.
_STRAIGHT = 1e-3


def curved(
    params: NetworkParams, full_input: Leaf | None, array: int, value: Float[Array, "*rows"]
) -> Float[Array, "*rows"]:
    """Returns the (*rows) inputs that would draw from ohmic cells what these draw [input units].

    Args:
        params: How much the cells bend.
        full_input: () or (arrays,) inputs that are read at V_read [input units]; None: not known.
        array: Number of the array, in the order of the forward pass.
        value: (*rows) inputs, behind their converters [input units].
    """
    if params.curvature is None or full_input is None:
        return value
    bend = of_array(params.curvature, array) / of_array(full_input, array)
    is_straight = bend * jnp.abs(value) < _STRAIGHT
    safe = jnp.maximum(bend, 1e-12)
    return jnp.where(is_straight, value, jnp.sinh(bend * value) / safe)


def of_array(numbers: Leaf, array: int) -> Leaf:
    """Returns the () number of one array; a single one is the same for all."""
    return numbers if numbers.ndim == 0 else numbers[array]
