"""Baseline schedules: against which reading of the cost a perturbed one is held.

Each has a timing schedule of the same name.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.typing import Count


class Baseline(NamedTuple):
    """What the perturbed cost C is compared with.

    Attributes:
        side: Where the reference pass stands: 0 at θ (the cost C0), −1 at θ − θ̃.
        latest: (n, τ_x, τ_θ) -> timestep of the reference reading that timestep n uses; it is
            taken anew when that is n itself.
    """

    side: int
    latest: Callable[[Int[Array, "*n"], Count, Count], Int[Array, "*n"]]


def _fresh(n, tau_sample, tau_update):
    del tau_sample, tau_update
    return n


def _since_change(n, tau_sample, tau_update):
    return jnp.maximum(n - n % tau_sample, n - n % tau_update)


BASELINES: dict[str, Baseline] = {
    "two_pass": Baseline(side=0, latest=_fresh),
    "reuse": Baseline(side=0, latest=_since_change),
    "central": Baseline(side=-1, latest=_fresh),
}
