"""The forms of step that a fit tries, on x = (G − G_0)/(range of the data).

Linear steps are α(1 − βx), for the linear law and its retraced form alike, exponential ones
α(1 − B e^{λx}).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Family(NamedTuple):
    """Steps of one form.

    Attributes:
        step: (parameters of one direction, x) -> step over the range of the data.
        shifted: (parameters of all directions, start) -> the same with x counted from the start.
        starts: First guesses of the parameters of one direction, from a mean step.
        convert: (parameters of all directions, window on x) -> quantities on weights.
    """

    step: Callable[[Vector, Vector], Vector]
    shifted: Callable[[Vector, float], Vector]
    starts: Callable[[float], list[list[float]]]
    convert: Callable[[Vector, float], dict[str, float]]


def _linear_step(p: Vector, x: Vector) -> Vector:
    return p[0] * (1 - p[1] * x)


def _linear_shifted(p: Vector, start: float) -> Vector:
    alpha, beta = p[::2], p[1::2]
    return _interleaved(alpha * (1 - beta * start), beta / (1 - beta * start))


def _linear_numbers(p: Vector, window: float) -> dict[str, float]:
    """On w = −1 + 2x/window a step α(1 − βx) is s(1 − γw)."""
    half = p[1::2] * window / 2
    steps, gammas = 2 / window * p[::2] * (1 - half), half / (1 - half)
    numbers = {"nonlinearity_up": gammas[0]}
    if len(steps) == 1:
        return {"update_step": steps[0], **numbers}
    # The linear law has γ_down > 0 where down steps shrink towards the bottom.
    numbers["nonlinearity_down"] = -gammas[1]
    return {"update_step": steps.mean(), "update_asymmetry": _asymmetry(steps), **numbers}


def _exponential_step(p: Vector, x: Vector) -> Vector:
    return p[0] * (1 - p[1] * np.exp(np.clip(p[2] * x, -50, 50)))


def _exponential_shifted(p: Vector, start: float) -> Vector:
    return _interleaved(p[::3], p[1::3] * np.exp(p[2::3] * start), p[2::3])


def _exponential_numbers(p: Vector, window: float) -> dict[str, float]:
    """On weights, z = w·a with a = 1, or −1 where the steps shrink from a fast start."""
    rates = p[2::3] * window / 2
    sizes, steps = p[1::3] * np.exp(rates), 2 / window * p[::3]
    slope = float(np.sign(rates[0]))
    return {
        "update_step": steps.mean(),
        "update_asymmetry": _asymmetry(steps),
        "exponential_size_up": sizes[0],
        "exponential_rate_up": slope * rates[0],
        "exponential_slope": slope,
        "exponential_offset": 0.0,
        # Down steps have −z in the exponent.
        "exponential_size_down": sizes[1],
        "exponential_rate_down": -slope * rates[1],
    }


def _asymmetry(steps: Vector) -> float:
    return float((steps[0] - steps[1]) / (steps[0] + steps[1]))


def _interleaved(*columns: Vector) -> Vector:
    return np.stack(columns, axis=1).ravel()


FAMILIES = {
    "linear": Family(
        _linear_step,
        _linear_shifted,
        lambda mean: [[2 * mean, 0.5], [mean, -0.5]],
        _linear_numbers,
    ),
    "exponential": Family(
        _exponential_step,
        _exponential_shifted,
        lambda mean: [[mean / 2, -2.0, -3.0], [mean / 2, -0.1, 3.0]],
        _exponential_numbers,
    ),
}
