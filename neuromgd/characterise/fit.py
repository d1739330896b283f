"""From a measured pulse response to the law and the numbers that describe it best.

The steps of a law are fitted on the conductance itself, x = (G − G_low)/(range of the data): linear
steps α − κx, which the linear law and its retraced form share, or exponential steps α − κ e^{λx}
of either sign of λ. The law with the lower Bayesian information criterion is taken. Where pulses
are noisy, each reading is held against the one before it instead of the whole curve (``wander``).
Uncertainties are carried to the quantities of a sheet by the delta method.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from neuromgd.characterise.convert import Frame, quantities, usable
from neuromgd.characterise.curve import Data
from neuromgd.characterise.noise import SIGNIFICANT, Interval, Noise, estimate, whitened
from neuromgd.characterise.paths import Plan, plan
from neuromgd.characterise.search import EXPONENTIAL, LINEAR, Family, Solution, curve, solve
from neuromgd.characterise.verdict import Verdict, judge, systematic
from neuromgd.characterise.wander import Steps, changes, refined, smoothed
from neuromgd.errors import InputError

Vector = NDArray[np.float64]
# All stated intervals of the law's numbers hold at once with this confidence.
CONFIDENCE = 0.99
LAWS = ("linear", "linear_retrace", "exponential")
# Of a longer curve every so many rows are fitted.
ROWS_MAX = 5000
# Rows from which noise of pulses can be told from that of readings; residuals of exact data.
_ROWS_FOR_NOISE, _EXACT = 15, 2e-6
# Rows to a parameter of exponential steps, unless they are asked for.
_ROWS_A_PARAMETER = 3


class Fit(NamedTuple):
    """The best law of a curve.

    Attributes:
        law: Its name.
        numbers: Quantity -> value and half-width of its interval; conductances in ``unit``.
        unit: Of the conductances.
        residual: Standard deviation of the data about the curve, in ``unit``.
        determination: R², share of the variance that the curve explains.
        criteria: Family of steps -> Bayesian information criterion; lower is better.
        curve: (rows,) fitted conductance.
        read: σ of a reading, lowest, highest, in ``unit``.
        cycle: σ of a pulse over its own change, lowest, highest; value 0: none is seen.
        verdict: Whether the law describes the curve.
        data: What was fitted: the curve, or every so many rows of it.
    """

    law: str
    numbers: dict[str, tuple[float, float]]
    unit: str
    residual: float
    determination: float
    criteria: dict[str, float]
    curve: Vector
    read: Interval
    cycle: Interval
    verdict: Verdict
    data: Data


class _Tried(NamedTuple):
    """One family at its optimum: parameters, their covariance, noises and criterion."""

    solution: Solution
    covariance: Vector
    noise: Noise | None
    criterion: float


def fit(data: Data, law: str | None = None) -> Fit:
    """Finds the law and the numbers that describe a curve best.

    Args:
        data: The curve.
        law: One of ``LAWS``; None: the one that fits best.

    Raises:
        InputError: If no law has numbers that a sheet takes. Whether the law that is returned
            describes the curve is told by its verdict.
    """
    data = thinned(data)
    frame = Frame(float(data.conductance.min()), float(np.ptp(data.conductance)))
    measured, done = (data.conductance - frame.low) / frame.span, plan(data)
    # Exponential steps are told from linear ones by both directions together.
    families = [LINEAR, *EXPONENTIAL] if len(done.ways) == 2 else [LINEAR]
    if law is not None:
        families = [family for family in families if law.startswith(family.law)]
    rows = 1 if law else _ROWS_A_PARAMETER
    families = [
        family
        for family in families
        if len(measured) >= _size(family, done) * (rows if family.slope else 1) + 2
    ]
    if not families:
        raise InputError(f"{data.path}: the {law or 'linear'} law cannot be told from these rows")
    solutions = [solve(family, measured, done) for family in families]
    plain = [_plain(solution, len(measured)) for solution in solutions]
    tried = _noisy(solutions, measured, done) if _has_noisy_pulses(plain, measured, done) else plain
    found = _best(data, tried, law, frame, done)
    if tried is plain or not found.verdict.is_systematic:
        return found
    # Noise of pulses must not hide that the law is another: then the whole curve counts.
    nearest = _best(data, plain, law, frame, done)
    return nearest._replace(verdict=systematic(nearest.verdict))


def _best(data: Data, tried: list["_Tried"], law: str | None, frame: Frame, done: Plan) -> Fit:
    """Returns the fit of the family with the lowest criterion whose numbers a sheet takes."""
    reasons: list[str] = []
    for one in sorted(tried, key=lambda one: one.criterion):
        numbers = _numbers(one, done, frame, len(data.conductance))
        found = usable(one.solution.family.law, numbers)
        if isinstance(found, str):
            reasons.append(f"{one.solution.family.law}: {found}")
        elif law in (None, found[0]):
            return _fit(data, one, found, tried, frame, done)
        else:
            reasons.append(f"{one.solution.family.law}: the way down is not that of {law}")
    raise InputError(f"{data.path}: no law has numbers that a sheet takes ({'; '.join(reasons)})")


def thinned(data: Data) -> Data:
    """Returns a curve of at most ``ROWS_MAX`` rows and what its turns and starts add."""
    rows = len(data.conductance)
    if rows <= ROWS_MAX:
        return data
    every = -(-rows // ROWS_MAX)
    sign = np.sign(data.pulses)
    turns = np.flatnonzero(np.diff(sign)) + 1
    starts = np.array(data.starts)
    keep = np.unique(np.concatenate(
        [np.arange(0, rows, every), turns, starts, starts[1:] - 1, [rows - 1]]
    ))  # fmt: skip
    total = np.concatenate([[0], np.cumsum(data.pulses)])
    places = np.searchsorted(keep, starts)
    return data._replace(
        pulses=np.diff(total[keep]),
        conductance=data.conductance[keep],
        starts=tuple(int(place) for place in places),
        lines=tuple(data.lines[row] for row in keep) if data.lines else (),
    )


def _size(family: Family, done: Plan) -> int:
    return len(done.starts) + family.size * len(done.ways)


def _has_noisy_pulses(plain: list[_Tried], measured: Vector, done: Plan) -> bool:
    best = min(plain, key=lambda one: one.criterion).solution
    if len(measured) < _ROWS_FOR_NOISE or np.sqrt(best.cost / len(measured)) < _EXACT:
        return False
    wander = Steps(best.family, done).wander(best.x, measured, measured + best.residuals)
    return estimate(wander).gain >= SIGNIFICANT


def _plain(solution: Solution, rows: int) -> _Tried:
    """Readings alone are noisy: least squares of the whole curve."""
    count = len(solution.x)
    variance = solution.cost / (rows - count)
    inverse = np.linalg.pinv(solution.jacobian.T @ solution.jacobian)
    criterion = rows * np.log(max(solution.cost, 1e-300) / rows) + count * np.log(rows)
    covariance: Vector = np.asarray(variance * inverse, dtype=np.float64)
    return _Tried(solution, covariance, None, float(criterion))


def _noisy(solutions: list[Solution], measured: Vector, done: Plan) -> list[_Tried]:
    """Pulses are noisy too: each reading is held against the one before."""
    tried: list[_Tried] = []
    for solution in solutions:
        again, covariance, noise = refined(solution, measured, done)
        criterion = -2 * noise.likelihood + len(again.x) * np.log(len(measured))
        tried.append(_Tried(again, covariance, noise, float(criterion)))
    return tried


def _numbers(one: _Tried, done: Plan, frame: Frame, rows: int) -> dict[str, tuple[float, float]]:
    """Returns the quantities with the half-widths of their intervals."""
    family, x = one.solution.family, one.solution.x
    value = quantities(family, x, done, frame)

    def vector(at: Vector) -> Vector:
        return np.array(list(quantities(family, at, done, frame).values()))

    pulses = max(int(run.counts.sum()) for run in done.runs)
    step = 1e-5 * np.maximum(np.abs(x), 1e-1 / pulses)
    slopes = [(vector(x + h) - vector(x - h)) / (2 * h[i]) for i, h in enumerate(np.diag(step))]
    slope = np.stack(slopes, axis=1)
    deviation = np.sqrt(np.maximum(np.diag(slope @ one.covariance @ slope.T), 0))
    factor = stats.t.isf((1 - CONFIDENCE) / (2 * len(x)), max(rows - len(x), 1))
    return {
        key: (float(value[key]), float(factor * s)) for key, s in zip(value, deviation, strict=True)
    }


def _fit(
    data: Data,
    one: _Tried,
    found: tuple[str, dict[str, tuple[float, float]]],
    tried: list[_Tried],
    frame: Frame,
    done: Plan,
) -> Fit:
    solution, law = one.solution, found[0]
    measured = (data.conductance - frame.low) / frame.span
    residuals = (curve(solution.family, solution.x, done) - measured) * frame.span
    whole = solution.residuals * frame.span
    centred = data.conductance - data.conductance.mean()
    determination = float(1 - np.sum(whole**2) / np.sum(centred**2))
    freedom = len(residuals) - len(solution.x)
    residual = float(np.sqrt(np.sum(whole**2) / freedom))
    read, cycle, left = _noises(one, measured, done, residual / frame.span, freedom)
    criteria = {family: min(t.criterion for t in tried if t.solution.family.law == family)
                for family in dict.fromkeys(t.solution.family.law for t in tried)}  # fmt: skip
    return Fit(
        law=law,
        numbers=found[1],
        unit=data.unit,
        residual=residual,
        determination=determination,
        criteria=criteria,
        curve=data.conductance + residuals,
        read=(read[0] * frame.span, read[1] * frame.span, read[2] * frame.span),
        cycle=cycle,
        verdict=judge(whole, left, frame.span, determination),
        data=data,
    )


def _noises(
    one: _Tried, measured: Vector, done: Plan, residual: float, freedom: int
) -> tuple[Interval, Interval, tuple[Vector, ...]]:
    """Returns both noises, and what is left as independent numbers of σ = 1."""
    solution = one.solution
    steps = Steps(solution.family, done)
    if one.noise is not None:
        wander = steps.wander(solution.x, measured, measured + solution.residuals)
        seen = smoothed(steps, wander, measured, one.noise.read[0], one.noise.cycle[0])
        wander = steps.wander(solution.x, measured, seen)
        left, _ = whitened(wander, wander.w, one.noise.read[0], one.noise.cycle[0])
        design = changes(steps, solution.x, measured, seen)
        noise = estimate(wander, True, design)
        # Steps that are all too small deviate one way up and the other way down.
        return noise.read, noise.cycle, (left, left * steps.sign)
    chi2 = stats.chi2
    read = (residual, residual * float(np.sqrt(freedom / chi2.isf(0.025, freedom))),
            residual * float(np.sqrt(freedom / chi2.ppf(0.025, freedom))))  # fmt: skip
    left = solution.residuals / max(residual, 1e-300)
    highest = np.inf
    if len(measured) >= _ROWS_FOR_NOISE and residual > _EXACT:
        wander = steps.wander(solution.x, measured, measured + solution.residuals)
        highest = estimate(wander, True).cycle[2]
    return read, (0.0, 0.0, highest), (left,)
