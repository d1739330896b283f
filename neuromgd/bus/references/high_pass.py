"""No C0 at all: the cost passes a high-pass, which lets through what kicks make of it.

It is no choice of a run but part of continuous time (``neuromgd.chip.modes.analog``).
"""

from jaxtyping import Array, Int

from neuromgd.bus.references.reference import Reference
from neuromgd.typing import Count


def since_sample(n: Int[Array, "*n"], tau_sample: Count, tau_update: Count) -> Int[Array, "*n"]:
    """Returns the timestep of the last new sample, whose step the meter does not let through."""
    del tau_update
    return n - n % tau_sample


HIGH_PASS = Reference(side=0, latest=since_sample, readings=lambda steps, tau: 0, is_read=False)
