"""Linear steps that retrace: down pulses follow the up path backwards, slowly at the top first.

Both directions shrink as 1 − γ w/w_max. NeuroSim's devices with a positive label of the down
curve behave so (phase change staircase programming, ferroelectric transistors).

References:
    Chen, Peng, Yu, IEEE Trans. CAD 37, 3067 (2018).
"""

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.laws.linear import choose, one_way, slope_bounds
from neuromgd.device.response import Response


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights | None]:
    """Returns the (*array) weight after ``count`` pulses and its variance [w.u.]."""
    r, gammas = response, response.law_numbers
    _, high = slope_bounds(r)
    up = one_way(r, weight, count, r.step_up, high, gammas.get("nonlinearity_up"))
    down = one_way(r, weight, count, -r.step_down, high, gammas.get("nonlinearity_down"))
    return choose(count, up, down)


LINEAR_RETRACE = Law(pulses, step="+dw(1 − γ w/w_max); the way down retraces the way up")
