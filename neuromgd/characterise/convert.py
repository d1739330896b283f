"""From parameters of a curve to the quantities of a sheet, with what keeps them from being any."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd.characterise.paths import Plan
from neuromgd.characterise.search import Family, curve

Vector = NDArray[np.float64]
# A curve that leaves its first rise by more than this share of its range opens the window further.
_BEYOND = 0.01
_SIZES, _RATES = (-1e6, 1.0), (1e-3, 100.0)


class Frame(NamedTuple):
    """What stands between the data and x.

    Attributes:
        low: Lowest conductance of the data, x = 0.
        span: Their range.
    """

    low: float
    span: float


def quantities(family: Family, x: Vector, done: Plan, frame: Frame) -> dict[str, float]:
    """Returns the quantities of a sheet: the window in the unit of the data, steps on weights."""
    bottom, top = window(family, x, done)
    sides = x[len(done.starts) :].reshape(-1, family.size)
    by_way = dict(zip(done.ways, sides, strict=True))
    numbers = {
        "conductance_min": frame.low + frame.span * bottom,
        "conductance_max": frame.low + frame.span * top,
    }
    convert = _exponential if family.slope else _linear
    return numbers | convert(by_way, bottom, top, family.slope)


def window(family: Family, x: Vector, done: Plan) -> tuple[float, float]:
    """Returns both ends of the window: the start and the first turn, if all lies between."""
    path = curve(family, x, done)
    first = done.runs[0]
    turn = next((run.first for run in done.runs if run.sign == -first.sign), done.rows - 1)
    ends = sorted((float(path[done.starts[0]]), float(path[turn])))
    bottom, top = float(path.min()), float(path.max())
    return (
        bottom if bottom < ends[0] - _BEYOND else ends[0],
        top if top > ends[1] + _BEYOND else ends[1],
    )


def _linear(sides: dict[int, Vector], bottom: float, top: float, slope: int) -> dict[str, float]:
    """On w = −1 + 2(x − bottom)/(top − bottom) a step α − κx is s(1 − γw)."""
    half, middle = (top - bottom) / 2, (top + bottom) / 2
    steps: dict[int, float] = {}
    gammas: dict[int, float] = {}
    for way, (alpha, kappa) in sides.items():
        at_middle = alpha - kappa * middle
        steps[way] = at_middle / half
        # The linear law has γ_down > 0 where down steps shrink towards the bottom.
        gammas[way] = way * kappa * half / at_middle
    names = {1: "nonlinearity_up", -1: "nonlinearity_down"}
    numbers = {names[way]: gamma for way, gamma in gammas.items()}
    if len(steps) == 1:
        return {"update_step": next(iter(steps.values())), **numbers}
    return {
        "update_step": (steps[1] + steps[-1]) / 2,
        "update_asymmetry": _asymmetry(steps),
        **numbers,
    }


def _exponential(
    sides: dict[int, Vector], bottom: float, top: float, slope: int
) -> dict[str, float]:
    """On weights, z = w·a with a = 1, or −1 where the steps shrink from a fast start."""
    half, middle = (top - bottom) / 2, (top + bottom) / 2
    steps = {way: float(p[0]) / half for way, p in sides.items()}
    numbers: dict[str, float] = {}
    for way, name in ((1, "up"), (-1, "down")):
        alpha, kappa, rate = sides[way]
        # Down steps have −z in the exponent.
        numbers[f"exponential_size_{name}"] = kappa / alpha * np.exp(rate * (middle - (rate > 0)))
        numbers[f"exponential_rate_{name}"] = slope * way * rate * half
    return {
        "update_step": (steps[1] + steps[-1]) / 2,
        "update_asymmetry": _asymmetry(steps),
        "exponential_size_up": numbers["exponential_size_up"],
        "exponential_rate_up": numbers["exponential_rate_up"],
        "exponential_slope": float(slope),
        "exponential_offset": 0.0,
        "exponential_size_down": numbers["exponential_size_down"],
        "exponential_rate_down": numbers["exponential_rate_down"],
    }


def _asymmetry(steps: dict[int, float]) -> float:
    return (steps[1] - steps[-1]) / (steps[1] + steps[-1])


def usable(
    law: str, numbers: dict[str, tuple[float, float]]
) -> tuple[str, dict[str, tuple[float, float]]] | str:
    """Returns the law and its numbers as a sheet takes them, or why no sheet does.

    Args:
        law: Name of the law, or of its first form.
        numbers: Quantity -> value and half-width of its interval.
    """
    numbers = dict(numbers)
    if law == "linear" and numbers.get("nonlinearity_down", (0.0, 0.0))[0] < 0:
        # Down steps that shrink towards the top retrace the way up.
        law = "linear_retrace"
        value, half = numbers["nonlinearity_down"]
        numbers["nonlinearity_down"] = -value, half
    allowed = {
        "nonlinearity_up": (0.0, 1.0),
        "nonlinearity_down": (0.0, 1.0),
        "conductance_min": (0.0, np.inf),
        "update_step": (1e-30, np.inf),
        "update_asymmetry": (-1.0, 1.0),
        "exponential_size_up": _SIZES,
        "exponential_size_down": _SIZES,
        "exponential_rate_up": _RATES,
        "exponential_rate_down": _RATES,
    }
    for name, (low, high) in allowed.items():
        if name not in numbers:
            continue
        value, half = numbers[name]
        if not np.isfinite(value) or not low - half <= value <= high + half:
            return f"{name} would be {value:.3g} ± {half:.2g}, allowed are {low:g} to {high:g}"
        numbers[name] = min(max(value, low), high), half
    return law, numbers
