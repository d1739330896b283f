"""The line: a broadcast arrives some timesteps after it was sent."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int

from neuromgd.typing import Leaf


class LineState(struct.PyTreeNode, kw_only=True):
    """What is on its way to the synapses.

    Attributes:
        delta_cost: (delay,) what was sent, in a ring by the timestep it was sent at [cost].
        is_sent: (delay,) whether anything was.
    """

    delta_cost: Leaf
    is_sent: Leaf


def line(delay: int) -> LineState | None:
    """Returns an empty line of a delay [timesteps]; None: what is sent arrives at once."""
    if delay == 0:
        return None
    return LineState(delta_cost=jnp.zeros(delay, jnp.float32), is_sent=jnp.zeros(delay, bool))


def travel(
    state: LineState | None, delta: Float[Array, ""], is_sent: Bool[Array, ""], n: Int[Array, ""]
) -> tuple[LineState | None, Float[Array, ""], Bool[Array, ""]]:
    """Sends ΔC at timestep n, if it is sent, and returns what arrives then.

    Returns:
        The line after, the ΔC that arrives [cost], and whether one does.
    """
    if state is None:
        return None, delta, is_sent
    place = n % len(state.is_sent)
    arrived = state.delta_cost[place], state.is_sent[place]
    after = LineState(
        delta_cost=state.delta_cost.at[place].set(delta),
        is_sent=state.is_sent.at[place].set(is_sent),
    )
    return after, *arrived
