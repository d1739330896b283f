"""The cost meter: reads the cost of a pass, and averages the change over a perturbation."""

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, stream
from neuromgd.typing import Leaf


class BusParams(struct.PyTreeNode, kw_only=True):
    """How good the cost meter and the broadcast are.

    Attributes:
        cost_noise: () σ_C of one reading of the cost [cost]; None: none.
        delta_top: () largest code of the ΔC converter [1]; None: no converter.
        delta_range: () full scale of that converter [cost]; None: each chip sets its own.
    """

    cost_noise: Leaf | None = None
    delta_top: Leaf | None = None
    delta_range: Leaf | None = None


class MeterState(struct.PyTreeNode, kw_only=True):
    """What the cost meter keeps between timesteps.

    Attributes:
        cost_0: () last reading of the reference cost [cost].
        total: () sum of the cost changes since the last broadcast [cost].
        readings: () timesteps in that sum [1].
    """

    cost_0: Leaf
    total: Leaf
    readings: Leaf


def meter() -> MeterState:
    """Returns a cost meter that has read nothing yet."""
    zero = jnp.zeros((), jnp.float32)
    return MeterState(cost_0=zero, total=zero, readings=jnp.zeros((), jnp.int32))


def read_cost(
    params: BusParams,
    cost: Float[Array, ""],
    key: Key[Array, ""],
    which: Stream,
    n: Int[Array, ""],
) -> Float[Array, ""]:
    """Returns one reading of a cost, with its own fresh noise [cost].

    Args:
        params: Gives σ_C.
        cost: What is read [cost].
        key: Root key of the chip.
        which: ``COST`` for the perturbed pass, ``COST_REFERENCE`` for the other one.
        n: Timestep of the reading.
    """
    if params.cost_noise is None:
        return cost
    return cost + params.cost_noise * jax.random.normal(stream(key, which, n), (), jnp.float32)


def accumulate(state: MeterState, delta: Float[Array, ""]) -> MeterState:
    """Adds the cost change of one timestep, M += C − C0."""
    return state.replace(total=state.total + delta, readings=state.readings + 1)


def mean_delta(state: MeterState) -> Float[Array, ""]:
    """Returns the mean cost change since the last broadcast, M/n_M [cost]."""
    return state.total / jnp.maximum(state.readings, 1).astype(jnp.float32)


def reset(state: MeterState) -> MeterState:
    """Clears the average after a broadcast; the reference reading stays."""
    return state.replace(total=jnp.zeros_like(state.total), readings=jnp.zeros_like(state.readings))
