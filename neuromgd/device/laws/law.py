"""The interface of an update law: how a cell moves when it is pulsed."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float

from neuromgd.device.response import Response

Pulses = Callable[[Response, Float[Array, "*array"], Float[Array, "*array"]], Array]


class Law(NamedTuple):
    """How one kind of cell answers to pulses.

    Attributes:
        pulses: (response, weight, count) -> weight after ``count`` pulses; positive counts go up,
            negative ones down; the law's own closed solution, no loop over pulses.
    """

    pulses: Pulses
