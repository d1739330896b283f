"""NeuroSim's device language in ours: its nonlinearity label and pulse count as a linear law.

NeuroSim draws conductance against pulse number as G(p) ∝ 1 − e^{−p/(A P)}, normalised to 1 at the
last of P pulses, and labels the curve by NL = 10.1015·max|G(x) − x| over x = p/P. On a window
w ∈ [−1, 1] that curve is a step which shrinks linearly, dw(w) = dw0 (1 − γ w), with
γ = tanh(1/2A) and dw0 = 1/(A P γ).

References:
    Chen, Peng, Yu, IEEE Trans. CAD 37, 3067 (2018); MLP+NeuroSim V3.0 and DNN+NeuroSim V2.1
    manuals, eq. 8.1-8.3.
"""

import math
from typing import NamedTuple

# NL of a curve that rises at once, max|G(x) − x| → 1.
_LABEL_OF_A_JUMP = 10.1015
# Below this label a curve is straight to within float32.
_STRAIGHT = 1e-6


class Step(NamedTuple):
    """One direction of a cell, on a window of [−1, 1].

    Attributes:
        nonlinearity: γ [1].
        rate: dw0, change per pulse number at zero weight in the limit of many pulses [w.u.].
        step: Change by one whole pulse at zero weight: P of them cross the window [w.u.].
    """

    nonlinearity: float
    rate: float
    step: float


def label(curvature: float) -> float:
    """Returns the label NL of the curve with the given A."""
    rise = -math.expm1(-1 / curvature)
    # The distance to the diagonal is largest where the slope of the curve is 1.
    x = -curvature * math.log(curvature * rise)
    return _LABEL_OF_A_JUMP * (-math.expm1(-x / curvature) / rise - x)


def curvature(nonlinearity_label: float) -> float:
    """Returns the A whose curve has this label, by bisection; NL falls from 10.1 to 0 with A."""
    low, high = 1e-3, 1e8
    while high / low > 1 + 1e-14:
        middle = math.sqrt(low * high)
        if middle in (low, high):
            break
        low, high = (middle, high) if label(middle) > nonlinearity_label else (low, middle)
    return math.sqrt(low * high)


def step(nonlinearity_label: float, pulses: float) -> Step:
    """Converts one direction.

    Args:
        nonlinearity_label: |NL| of the curve, 0 … 10.
        pulses: P, pulses that cross the window [pulses].

    Example:
        >>> round(step(2.4, 97.0).nonlinearity, 3)
        0.762
    """
    if nonlinearity_label < _STRAIGHT:
        return Step(0.0, 2 / pulses, 2 / pulses)
    a = curvature(nonlinearity_label)
    gamma = math.tanh(1 / (2 * a))
    return Step(gamma, 1 / (a * pulses * gamma), -math.expm1(-1 / (a * pulses)) / gamma)
