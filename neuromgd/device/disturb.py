"""Write disturb: a pulse to one cell is half a pulse to all others of its row and its column.

At half the voltage a cell moves little, but there are many of them: in a write of all cells, one of
an n by m array is half-selected n + m − 2 times.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.params import DeviceParams, given


def disturb(
    params: DeviceParams, pulses: Float[Array, "*cells"], is_pair: bool
) -> Float[Array, "*cells"]:
    """Returns the (*cells) change of weight by the pulses that others were given [w.u.].

    The last axis of an array numbers its columns, all others its rows; the two cells of a pair lie
    in two crossbars.

    Args:
        params: How good the technology is.
        pulses: (*cells) given to each cell; their sign is their direction.
        is_pair: Whether the leading axis numbers the cells of a pair.
    """
    crossbars = pulses.shape[0] if is_pair else 1
    own = pulses.reshape(crossbars, -1, pulses.shape[-1])
    in_row, in_column = (jnp.sum(own, axis, keepdims=True) - own for axis in (2, 1))
    return given(params.write_disturb) * (in_row + in_column).reshape(pulses.shape)
