"""The range of ΔC: a few running deviations of ΔC itself, which the meter keeps.

The range stands still inside a window. At its end the mean of ΔC² over its broadcasts goes into a
low-pass, so the order of timesteps inside a window does not matter. Until its time constant is over
the low-pass is the mean of all windows so far; in the first window there is no range.
"""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Int

from neuromgd.bus.meter import BusParams
from neuromgd.typing import Leaf


class ClipState(struct.PyTreeNode, kw_only=True):
    """What the meter keeps of the ΔC that it gave.

    Attributes:
        power: () running mean of ΔC² [cost²]; 0: it has heard nothing yet.
        squares: () sum of ΔC² in this window [cost²].
        broadcasts: () of them [1].
    """

    power: Leaf
    squares: Leaf
    broadcasts: Leaf


def clip_state(params: BusParams) -> ClipState | None:
    """Returns the state of a meter that has given nothing; None: its ΔC has no such range."""
    if params.delta_clip is None:
        return None
    zero = jnp.zeros((), jnp.float32)
    return ClipState(power=zero, squares=zero, broadcasts=jnp.zeros((), jnp.int32))


def clipped(
    params: BusParams, state: ClipState | None, delta: Float[Array, " n"]
) -> Float[Array, " n"]:
    """Returns ΔC within the range of this window [cost].

    Args:
        params: Gives the range in running deviations.
        state: Of the meter; None: no range.
        delta: (n,) what the meter gave [cost].
    """
    if state is None or params.delta_clip is None:
        return delta
    limit = jnp.where(state.power > 0, params.delta_clip * jnp.sqrt(state.power), jnp.inf)
    return jnp.clip(delta, -limit, limit)


def heard(state: ClipState | None, delta: Float[Array, ""]) -> ClipState | None:
    """Returns the state after one broadcast more."""
    if state is None:
        return None
    return state.replace(squares=state.squares + jnp.square(delta), broadcasts=state.broadcasts + 1)


def ranged(params: BusParams, state: ClipState | None, window: Int[Array, ""]) -> ClipState | None:
    """Returns the state at the end of a window, ready for the next.

    Args:
        params: Gives the time constant.
        state: With the broadcasts of the window.
        window: Number of the window, counted from 0.
    """
    if state is None or params.delta_clip_windows is None:
        return state
    share = jnp.maximum(1 / params.delta_clip_windows, 1 / (window.astype(jnp.float32) + 1))
    mean = state.squares / jnp.maximum(state.broadcasts, 1).astype(jnp.float32)
    moved = state.power + jnp.minimum(share, 1) * (mean - state.power)
    return ClipState(
        power=jnp.where(state.broadcasts > 0, moved, state.power),
        squares=jnp.zeros_like(state.squares),
        broadcasts=jnp.zeros_like(state.broadcasts),
    )
