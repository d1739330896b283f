"""From a measured pulse response to the law and the numbers that describe it best.

The steps of a law are fitted on the conductance itself, x = (G − G_0)/(range of the data): linear
steps α(1 − βx), which the linear law and its retraced form share, or exponential steps
α(1 − B e^{λx}). The window follows from the fit: it opens at the fitted start and ends at the
fitted turning point, and uncertainties are carried through by the delta method. The law with the
lower Bayesian information criterion is taken.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from neuromgd.characterise.curve import Data
from neuromgd.characterise.steps import FAMILIES, Family, Vector
from neuromgd.errors import InputError

# All stated intervals hold at once with this confidence.
CONFIDENCE = 0.99


class Fit(NamedTuple):
    """The best law of a curve.

    Attributes:
        law: Its name.
        numbers: Quantity -> value and half-width of its interval; conductances in ``unit``.
        unit: Of the conductances.
        residual: Standard deviation of the data about the curve, in ``unit``.
        determination: R², share of the variance that the curve explains.
        correlation: Durbin-Watson statistic of the residuals: 2 for white noise, 0 for a walk.
        criteria: Family of steps -> Bayesian information criterion; lower is better.
        curve: (rows,) fitted conductance.
    """

    law: str
    numbers: dict[str, tuple[float, float]]
    unit: str
    residual: float
    determination: float
    correlation: float
    criteria: dict[str, float]
    curve: Vector


def fit(data: Data) -> Fit:
    """Finds the law and the numbers that describe a curve best.

    Raises:
        InputError: If no law describes it.
    """
    # Exponential steps are told from linear ones by both directions together.
    tried = FAMILIES if np.any(data.pulses < 0) else {"linear": FAMILIES["linear"]}
    solutions = {name: _solve(family, data) for name, family in tried.items()}
    criteria = {name: _criterion(solution, len(data.conductance))
                for name, solution in solutions.items()}  # fmt: skip
    best = min(criteria, key=lambda name: criteria[name])
    solution, family = solutions[best], FAMILIES[best]
    numbers, law = _numbers(family, data, solution, best)
    residuals = solution.fun * np.ptp(data.conductance)
    return Fit(
        law=law,
        numbers=numbers,
        unit=data.unit,
        residual=float(np.sqrt(np.sum(residuals**2) / (len(residuals) - len(solution.x)))),
        determination=float(1 - np.sum(residuals**2) / np.sum(_centred(data.conductance) ** 2)),
        correlation=float(np.sum(np.diff(residuals) ** 2) / np.sum(residuals**2)),
        criteria=criteria,
        curve=data.conductance + residuals,
    )


def _centred(values: Vector) -> Vector:
    return values - values.mean()


def _solve(family: Family, data: Data):
    """Least squares from several starts; the best is kept."""
    low, span = data.conductance.min(), np.ptp(data.conductance)
    measured = (data.conductance - low) / span
    ups, downs = data.pulses[data.pulses > 0].sum(), -data.pulses[data.pulses < 0].sum()
    starts = [
        [measured[0], *up, *down]
        for up in family.starts(1 / max(ups, 1))
        for down in (family.starts(1 / downs) if downs else [[]])
    ]

    # SciPy declares a jac to be a name; a table of options takes the function that it also takes.
    options: dict[str, Any] = {
        "jac": lambda p: _jacobian(family, p, data.pulses),
        "x_scale": "jac",
    }

    def attempt(start: Vector | list[float], evaluations: int):
        return optimize.least_squares(
            lambda p: _curves(family, p[:, None], data.pulses)[:, 0] - measured,
            start,
            max_nfev=evaluations,
            **options,
        )

    first = min((attempt(start, 12) for start in starts), key=lambda tried: tried.cost)
    return attempt(first.x, 200)


def _curves(family: Family, parameters: Vector, pulses: NDArray[np.int64]) -> Vector:
    """Returns the (rows, columns) curve of every column of parameters, pulse by pulse."""
    x = parameters[0].copy()
    count = len(parameters) // 2 if np.any(pulses < 0) else len(parameters) - 1
    up, down = parameters[1 : 1 + count], parameters[1 + count :]
    rows = [x]
    for number in pulses:
        for _ in range(abs(int(number))):
            moved = x + family.step(up, x) if number > 0 else x - family.step(down, x)
            x = np.clip(moved, -3, 4)
        rows.append(x)
    return np.stack(rows)


def _jacobian(family: Family, parameters: Vector, pulses: NDArray[np.int64]) -> Vector:
    step = 1e-6 * np.maximum(np.abs(parameters), 1e-3)
    shifts = np.diag(step)
    columns = np.concatenate([parameters[:, None] + shifts, parameters[:, None] - shifts], axis=1)
    curves = _curves(family, columns, pulses)
    return (curves[:, : len(parameters)] - curves[:, len(parameters) :]) / (2 * step)


def _criterion(solution, rows: int) -> float:
    return float(rows * np.log(2 * solution.cost / rows) + len(solution.x) * np.log(rows))


def _numbers(
    family: Family, data: Data, solution, name: str
) -> tuple[dict[str, tuple[float, float]], str]:
    """Returns the quantities with their intervals, and the law that they belong to."""
    freedom = len(data.conductance) - len(solution.x)
    variance = 2 * solution.cost / freedom
    covariance = variance * np.linalg.pinv(solution.jac.T @ solution.jac)
    value = _quantities(family, data, solution.x)
    keys = list(value)
    step = 1e-5 * np.maximum(np.abs(solution.x), 1e-3)
    slopes = [
        (_vector(family, data, solution.x + h) - _vector(family, data, solution.x - h)) / (2 * h[i])
        for i, h in enumerate(np.diag(step))
    ]
    slope = np.stack(slopes, axis=1)
    deviation = np.sqrt(np.diag(slope @ covariance @ slope.T))
    factor = stats.t.isf((1 - CONFIDENCE) / (2 * len(solution.x)), freedom)
    numbers = {
        key: (float(value[key]), float(factor * s)) for key, s in zip(keys, deviation, strict=True)
    }
    law = name
    if name == "linear" and numbers.get("nonlinearity_down", (0.0, 0.0))[0] < 0:
        # Down steps that shrink towards the top retrace the way up.
        law = "linear_retrace"
    for key in ("nonlinearity_up", "nonlinearity_down"):
        if key in numbers:
            numbers[key] = _nonlinearity(data, key, numbers[key], law)
    return numbers, law


def _nonlinearity(
    data: Data, key: str, number: tuple[float, float], law: str
) -> tuple[float, float]:
    value, interval = number
    value = -value if law == "linear_retrace" and key == "nonlinearity_down" else value
    if value < -interval or value > 1 + interval:
        raise InputError(
            f"{data.path}: {key} would be {value:.3g} ± {interval:.2g}: steps that grow towards"
            " their bound, or vanish before it, are no law that is known here"
        )
    return min(max(value, 0.0), 1.0), interval


def _vector(family: Family, data: Data, parameters: Vector) -> Vector:
    return np.array(list(_quantities(family, data, parameters).values()))


def _quantities(family: Family, data: Data, parameters: Vector) -> dict[str, float]:
    """Returns the quantities of a sheet; the window is from the start to the turning point."""
    low, span = data.conductance.min(), np.ptp(data.conductance)
    curve = _curves(family, parameters[:, None], data.pulses)[:, 0]
    downs = np.flatnonzero(data.pulses < 0)
    window = curve[downs[0] if len(downs) else -1] - curve[0]
    numbers = {
        "conductance_min": low + span * curve[0],
        "conductance_max": low + span * (curve[0] + window),
    }
    from_start = family.shifted(parameters[1:], curve[0])
    return numbers | family.convert(from_start, window)
