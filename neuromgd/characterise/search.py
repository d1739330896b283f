"""The parameters that leave least of a curve, found from several starts.

Given the rate of its exponential, a step is linear in what is left of its parameters, and so is the
curve that it sums to: x_k = x_0 + α Σn − κ Σ n e^{λx}. That gives a start for every rate of a grid
without a search; the best few are followed down.
"""

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from neuromgd.characterise.paths import Along, Plan, exponential, linear, path

Vector = NDArray[np.float64]
_RATES = np.geomspace(0.4, 40.0, 12)
_RATE_LIMITS = (0.1, 80.0)
# A constant part of a step is at least this share of the mean step.
_CONSTANT = 1e-5
_KEPT = 2
_SHORT, _LONG = 10, 100


class Family(NamedTuple):
    """Steps of one form.

    Attributes:
        law: Name of the law, or of its first form.
        along: How one direction goes.
        size: Parameters of one direction.
        slope: Sign of the upward rate of the exponential; downward ones have the other; 0: none.
    """

    law: str
    along: Along
    size: int
    slope: int = 0


LINEAR = Family("linear", linear, 2)
EXPONENTIAL = (
    Family("exponential", exponential, 3, 1),
    Family("exponential", exponential, 3, -1),
)


class Solution(NamedTuple):
    """The best parameters of a family.

    Attributes:
        family: Which steps.
        x: (parameters,) as ``paths.path`` takes them.
        residuals: (rows,) curve minus data, over the range of the data.
        jacobian: (rows, parameters) derivative of the curve.
    """

    family: Family
    x: Vector
    residuals: Vector
    jacobian: Vector

    @property
    def cost(self) -> float:
        """Sum of squares."""
        return float(np.sum(self.residuals**2))


def solve(family: Family, measured: Vector, done: Plan) -> Solution:
    """Finds the optimum by least squares.

    Args:
        family: Which steps.
        measured: (rows,) the data on 0 … 1.
        done: What was done to the cell.
    """
    sides = [_side_starts(family, measured, done, way) for way in done.ways]
    origin = measured[list(done.starts)]
    starts = [np.concatenate([origin, *sides]) for sides in itertools.product(*sides)]
    tried = [polish(family, start, measured, done, _SHORT) for start in starts]
    tried.sort(key=lambda one: one.cost)
    # The second is followed where the first is not clearly below it.
    near = [one for one in tried[:2] if one.cost < 2 * tried[0].cost]
    finished = [polish(family, one.x, measured, done, _LONG) for one in near or tried[:1]]
    return min(finished, key=lambda one: one.cost)


def curve(family: Family, x: Vector, done: Plan) -> Vector:
    """Returns the (rows,) curve of parameters."""
    return path(family.along, family.size, x, done)


def polish(
    family: Family, start: Vector, measured: Vector, done: Plan, evaluations: int
) -> Solution:
    """Follows one start down."""
    low, high = bounds(family, done)
    # SciPy declares a jac to be a name; a table of options takes the function that it also takes.
    options: dict[str, Any] = {
        "jac": lambda x: jacobian(family, x, done),
        "x_scale": "jac",
        "bounds": (low, high),
    }
    found = optimize.least_squares(
        lambda x: curve(family, x, done) - measured,
        np.clip(start, low + 1e-12, high - 1e-12),
        max_nfev=evaluations,
        xtol=1e-9,
        ftol=1e-9,
        gtol=1e-12,
        **options,
    )
    return Solution(family, found.x, found.fun, found.jac)


def jacobian(family: Family, x: Vector, done: Plan) -> Vector:
    """Returns the (rows, parameters) derivative of the curve, by central differences."""
    # A step of x that many pulses amplify needs a smaller change.
    pulses = max(int(run.counts.sum()) for run in done.runs)
    steps = 1e-6 * np.maximum(np.abs(x), 1e-1 / pulses)
    columns = [
        (curve(family, x + h, done) - curve(family, x - h, done)) / (2 * h[i])
        for i, h in enumerate(np.diag(steps))
    ]
    return np.stack(columns, axis=1)


def bounds(family: Family, done: Plan) -> tuple[Vector, Vector]:
    """Returns the lowest and the highest parameters."""
    low, high = [-1.0] * len(done.starts), [2.0] * len(done.starts)
    for way in done.ways:
        if not family.slope:
            low += [-np.inf, -np.inf]
            high += [np.inf, np.inf]
            continue
        sign = family.slope * way
        pulses = sum(int(run.counts.sum()) for run in done.runs if run.sign == way)
        low += [_CONSTANT / pulses, -np.inf, _RATE_LIMITS[0] if sign > 0 else -_RATE_LIMITS[1]]
        high += [np.inf, np.inf, _RATE_LIMITS[1] if sign > 0 else -_RATE_LIMITS[0]]
    return np.array(low), np.array(high)


def _side_starts(family: Family, measured: Vector, done: Plan, way: int) -> list[Vector]:
    """Returns first guesses of the parameters of one direction, the best of a grid."""
    smooth, pulses, own, number = _stretches(measured, done, way)
    if not family.slope:
        moved = _integrals(smooth, smooth, pulses, own, number)
        (alpha, kappa), _ = _regression(measured, moved, own, number, way)
        mean = float(np.sum(np.abs(np.diff(smooth))) / max(np.abs(pulses).sum(), 1))
        return [np.array([alpha, kappa]), np.array([mean, 0.0])]
    found: list[tuple[float, Vector]] = []
    for size in _RATES:
        rate = float(size * family.slope * way)
        bent = np.exp(rate * (smooth - (rate > 0)))
        moved = _integrals(smooth, bent, pulses, own, number)
        (alpha, kappa), left = _regression(measured, moved, own, number, way)
        found.append((left, np.array([max(alpha, 1e-6), kappa, rate])))
    found.sort(key=lambda one: one[0])
    return [start for _, start in found[:_KEPT]]


def _stretches(
    measured: Vector, done: Plan, way: int
) -> tuple[Vector, Vector, NDArray[np.int64], int]:
    """Returns the data smoothed in each run, the pulses to each row, and the run of each row."""
    smooth, pulses = measured.copy(), np.zeros(done.rows)
    own = np.full(done.rows, -1)
    runs = [run for run in done.runs if run.sign == way]
    for number, run in enumerate(runs):
        inside = slice(run.first, run.first + 1 + len(run.counts))
        values = measured[inside]
        if len(values) >= 15:
            near = np.pad(values, 2, "reflect", reflect_type="odd")
            smooth[inside] = np.convolve(near, np.ones(5) / 5, "valid")
        pulses[run.first + 1 : inside.stop] = run.counts
        own[inside] = number
    # A turning point belongs to two runs: to its own it is where the pulses start.
    return smooth, pulses, own, len(runs)


def _integrals(
    smooth: Vector, bent: Vector, pulses: Vector, own: NDArray[np.int64], number: int
) -> Vector:
    """Returns (rows, 2): pulses so far in the run, and the sum of what bends their steps."""
    columns = np.zeros((len(smooth), 2))
    for run in range(number):
        rows = np.flatnonzero(own == run)
        n = pulses[rows[1:]]
        between = (bent[rows[:-1]] + bent[rows[1:]]) / 2 if n.max() > 1 else bent[rows[:-1]]
        columns[rows[1:], 0] = np.cumsum(n)
        columns[rows[1:], 1] = np.cumsum(n * between)
    return columns


def _regression(
    measured: Vector, moved: Vector, own: NDArray[np.int64], number: int, way: int
) -> tuple[tuple[float, float], float]:
    """Returns α and κ of x = x_0 + way(α Σn − κ Σ n b), x_0 of each run apart, and what is left."""
    y, columns = [], []
    for run in range(number):
        rows = own == run
        y.append(measured[rows] - measured[rows].mean())
        columns.append(moved[rows] - moved[rows].mean(0))
    target, design = np.concatenate(y), way * np.concatenate(columns) * [1, -1]
    scale = np.maximum(np.abs(design).max(0), 1e-300)
    found, *_ = np.linalg.lstsq(design / scale, target, rcond=1e-9)
    left = float(np.sum((design / scale @ found - target) ** 2))
    alpha, kappa = found / scale
    return (float(alpha), float(kappa)), left
