"""The ideal cell: it takes every change that it is asked for."""

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.response import Response


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, None]:
    """Returns the (*array) weight after ``count`` steps of one size, exactly [w.u.]."""
    return weight + count * response.step_up, None


IDEAL = Law(pulses, is_continuous=True, step="w ← w + Δ")
