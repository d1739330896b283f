"""The interface of an update law: how a cell moves when it is pulsed."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float

from neuromgd.device.response import Response

Weights = Float[Array, "*array"]
# (response, weight, count) -> mean weight after the pulses, and its variance or None.
Pulses = Callable[[Response, Weights, Weights], tuple[Array, Array | None]]
# (response, weight, count, standard normal) -> weight after the pulses.
Draw = Callable[[Response, Weights, Weights, Weights], Array]


class Law(NamedTuple):
    """How one kind of cell answers to pulses.

    A law knows no bounds but those that its steps vanish at: whoever writes clips to the window.

    Attributes:
        pulses: Mean of the weight after ``count`` pulses and the variance that their cycle noise
            adds (None where there is none); positive counts go up, negative ones down. It is the
            law's own closed solution, without a loop over pulses.
        draw: One draw of that weight, for laws whose single pulses are not normal; None: normal.
        is_continuous: Whether requests are met exactly, without pulses.
        step: One pulse up; one down, as the docs tell them.
        error: How far many pulses at once may end from the same one by one [w.u.].
    """

    pulses: Pulses
    draw: Draw | None = None
    is_continuous: bool = False
    step: str = ""
    error: float = 1e-6
