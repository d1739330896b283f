"""The cost C0 is read once for every new sample or write, and held until the next."""

import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.bus.references.reference import Reference
from neuromgd.typing import Count


def since_change(n: Int[Array, "*n"], tau_sample: Count, tau_update: Count) -> Int[Array, "*n"]:
    """Returns the timestep of the last new sample or write up to n."""
    return jnp.maximum(n - n % tau_sample, n - n % tau_update)


REUSE = Reference(side=0, latest=since_change, readings=lambda steps, tau: steps // tau)
