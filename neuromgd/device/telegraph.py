"""Random telegraph noise: a trap beside a cell fills and empties, and the weight has two levels.

The levels lie around what the cell keeps, so that their mean over time is it. A trap that stays
τ_high in the upper level and τ_low in the lower one on average is in the upper one for the share
p = τ_high/(τ_high + τ_low) of the time, and forgets its state as e^(−Δt/τ) with
1/τ = 1/τ_high + 1/τ_low.

References:
    Machlup, J. Appl. Phys. 25, 341 (1954): the two-level process and its spectrum.
"""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Key

from neuromgd.device.params import DeviceParams, given
from neuromgd.device.traits import Traits
from neuromgd.randomness import uniform
from neuromgd.typing import Leaf


class Telegraph(struct.PyTreeNode, kw_only=True):
    """The traps of the cells of one array.

    Attributes:
        is_high: (*cells) whether a cell is in its upper level in the first pass of a timestep.
        is_high_later: (*cells) the same in the second pass.
        seen_later: (*cells) weight that the network sees in the second pass [w.u.].
    """

    is_high: Leaf
    is_high_later: Leaf
    seen_later: Leaf


def has_traps(params: DeviceParams) -> bool:
    """Tells whether cells have two levels."""
    return params.telegraph_noise is not None or params.telegraph_noise_relative is not None


def shift(
    params: DeviceParams,
    traits: Traits,
    signal: Float[Array, "*cells"],
    is_high: Bool[Array, "*cells"],
) -> Float[Array, "*cells"]:
    """Returns the (*cells) distance of the level of each cell from what it keeps [w.u.].

    Args:
        params: How good the technology is.
        traits: Of these cells.
        signal: (*cells) what they conduct [w.u.].
        is_high: (*cells) whether a cell is in its upper level.
    """
    apart = jnp.zeros_like(signal)
    if params.telegraph_noise is not None:
        apart = apart + params.telegraph_noise
    if params.telegraph_noise_relative is not None:
        apart = apart + params.telegraph_noise_relative * signal
    if traits.telegraph_gain is not None:
        apart = apart * traits.telegraph_gain
    return apart * (is_high.astype(jnp.float32) - share_high(params))


def share_high(params: DeviceParams) -> Float[Array, ""]:
    """Returns the () share of time in the upper level [1]."""
    high, low = given(params.telegraph_high_time), given(params.telegraph_low_time)
    return high / (high + low)


def switched(
    params: DeviceParams,
    traits: Traits,
    is_high: Bool[Array, "*cells"],
    seconds: Float[Array, ""],
    key: Key[Array, ""],
) -> Bool[Array, "*cells"]:
    """Returns the (*cells) levels some time later.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        is_high: (*cells) the levels before.
        seconds: How much later [s].
        key: Of these cells and this time.
    """
    rate = 1 / given(params.telegraph_high_time) + 1 / given(params.telegraph_low_time)
    if traits.telegraph_time_gain is not None:
        rate = rate / traits.telegraph_time_gain
    share = share_high(params)
    chance = share + (is_high.astype(jnp.float32) - share) * jnp.exp(-seconds * rate)
    return uniform(key, is_high.shape) < chance
