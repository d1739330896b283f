"""One-sided pairs: cells that rise by small pulses and fall only all at once.

The weight is half the difference of two cells. A request pulses the first cell upwards if it is
positive, the second if it is negative, so both creep towards their top. Once one is near it and the
other has left the bottom, both are reset and the difference is programmed anew into one of them.

References:
    Nandakumar et al., Front. Neurosci. 14, 406 (2020): the pair and its refresh.
"""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.device.cell import bounded, one_sided
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.program import polynomial
from neuromgd.device.retention import relative_conductance
from neuromgd.device.traits import Traits
from neuromgd.randomness import normal
from neuromgd.typing import Leaf


def pair_request(params: DeviceParams, request: Float[Array, "*array"]) -> Float[Array, "2 *array"]:
    """Returns what is asked of the two cells of a pair for one change of the weight [w.u.]."""
    if params.refresh_upper is None:
        return jnp.stack([request, -request])
    return jnp.maximum(jnp.stack([2 * request, -2 * request]), 0)


def refreshed(
    params: DeviceParams,
    traits: Traits,
    weight: Float[Array, "2 *array"],
    is_alive: Bool[Array, "2 *array"] | None,
    key: Key[Array, ""],
) -> tuple[Float[Array, "2 *array"], Int[Array, "2 *array"]]:
    """Resets and reprograms the pairs that are near their top.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        weight: (2, *array) of the cells of each pair [w.u.].
        is_alive: (2, *array) whether a cell can move; None: all can. A pair with one that cannot
            is left alone.
        key: Of this array and this write.

    Returns:
        Their weight after, and the writes that it took: a reset, and for the cell that carries the
        difference one more.
    """
    is_full = near_top(params, weight)
    if is_alive is not None:
        is_full = is_full & jnp.all(is_alive, axis=0)
    aim = one_sided(params, weight[0] - weight[1])
    error = jnp.zeros_like(aim)
    if params.refresh_noise is not None:
        sigma = jnp.maximum(polynomial(params.refresh_noise, relative_conductance(params, aim)), 0)
        error = sigma * normal(key, aim.shape)
    carries = aim > given(params.weight_min)
    writes = jnp.where(is_full, 1 + carries.astype(jnp.int32), 0)
    return jnp.where(is_full, bounded(params, aim + error, traits), weight), writes


def near_top(params: DeviceParams, weight: Float[Array, "2 *array"]) -> Leaf:
    """Tells the (*array) pairs of which one cell is above the upper mark, both above the lower.

    A pair whose other cell is at the bottom holds its largest weight: a reset would gain nothing.
    The marks are in the window of the technology: a chip compares every reading with the same two.
    """
    low, high = given(params.weight_min), given(params.weight_max)
    place = (weight - low) / (high - low)
    lower = jnp.zeros((), jnp.float32) if params.refresh_lower is None else params.refresh_lower
    return jnp.any(place > given(params.refresh_upper), axis=0) & jnp.all(place > lower, axis=0)
