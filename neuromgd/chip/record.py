"""What is written down while a chip learns."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float

from neuromgd.typing import Leaf


class Record(struct.PyTreeNode, kw_only=True):
    """One window, as an observer of the bus would note it.

    Attributes:
        cost: () mean cost of its timesteps [cost].
        delta_cost: () mean |ΔC| that the meter gave to the bus [cost].
        delta_square: () mean ΔC² [cost²], for a chip that keeps it; None: it does not.
        filling: () how full its accumulators were, see ``neuromgd.chip.guard``; None: not noted.
        weight: () largest |θ| after it [w.u.], or 0 where nobody looked; None: not noted.
        array: () number of the array that has it; None: not noted.
    """

    cost: Leaf
    delta_cost: Leaf
    delta_square: Leaf | None = None
    filling: Leaf | None = None
    weight: Leaf | None = None
    array: Leaf | None = None


def noted(cost: Float[Array, "*timesteps"], delta: Float[Array, "*broadcasts"]) -> Record:
    """Returns the record of some timesteps by their costs, and the ΔC of their broadcasts."""
    return Record(
        cost=jnp.mean(cost),
        delta_cost=jnp.mean(jnp.abs(delta)),
        delta_square=jnp.mean(jnp.square(delta)),
    )
