"""The interface of a reference reading: against which cost a perturbed one is held.

Each has a timing schedule of the same name.
"""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Int

from neuromgd.typing import Count


class Reference(NamedTuple):
    """What the perturbed cost C is compared with.

    Attributes:
        side: Where the reference pass stands: 0 at θ (the cost C0), −1 at θ − θ̃.
        latest: (n, τ_x, τ_θ) -> timestep of the reference reading that timestep n uses; it is
            taken anew when that is n itself.
        readings: (timesteps, τ_x) -> how many reference readings a run takes.
        is_read: Whether the meter reads it at all; else it holds the cost against its own past.
    """

    side: int
    latest: Callable[[Int[Array, "*n"], Count, Count], Int[Array, "*n"]]
    readings: Callable[[int, int], int]
    is_read: bool = True


def fresh(n: Int[Array, "*n"], tau_sample: Count, tau_update: Count) -> Int[Array, "*n"]:
    """Returns n: the reference is read at every timestep."""
    del tau_sample, tau_update
    return n


def every(steps: int, tau_sample: int) -> int:
    """Returns the readings of a reference that is read at every timestep."""
    del tau_sample
    return steps
