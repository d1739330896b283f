"""Noise of the reading and of the pulses told apart by how a curve wanders.

With w_k = y_{k+1} − F(y_k) what a reading differs from where the law leads from the one before,

    w_k = ε_k + v_{k+1} − a_k v_k,   a_k = dF/dx,

v white noise of the readings, σ = r, and ε what the n pulses in between add: each varies by c of
its own change, and stretched as the steps are they sum to σ² = n c² f², f the last step. Its
covariance has three diagonals, so that the likelihood of r and c costs one pass. Noise of readings
makes neighbours swing against each other (−a r²), noise of pulses does not.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, stats

Vector = NDArray[np.float64]
Interval = tuple[float, float, float]
# Each interval alone holds with this confidence.
CONFIDENCE = 0.95
_DROP = float(stats.chi2.isf(1 - CONFIDENCE, 1)) / 2
# Twice the gain of the log-likelihood from which noise of pulses is taken for real.
SIGNIFICANT = 10.8
# The search runs over factors of e about the whole deviation.
_LEAST, _MOST = -12.0, 3.0


class Wander(NamedTuple):
    """What the law leaves of a curve from one reading to the next.

    Attributes:
        w: (m,) differences from where the law leads.
        a: (m,) how a deviation goes on.
        pulsed: (m,) σ of what the pulses add, for c = 1.
        is_joined: (m − 1,) whether a difference shares a reading with the next one.
    """

    w: Vector
    a: Vector
    pulsed: Vector
    is_joined: NDArray[np.bool_]


class Noise(NamedTuple):
    """Both noises, each with its interval: value, lowest, highest.

    Attributes:
        read: σ of a reading, in the unit of the differences.
        cycle: σ of a pulse over its own change.
        gain: Twice what the noise of pulses gains in log-likelihood.
        likelihood: Logarithm of it, at the best.
    """

    read: Interval
    cycle: Interval
    gain: float
    likelihood: float


def whitened(wander: Wander, columns: Vector, read: float, cycle: float) -> tuple[Vector, float]:
    """Returns (m, …) columns as independent normal ones of σ = 1, and ln √det of the covariance."""
    band = np.zeros((2, len(wander.w)))
    band[0] = (cycle * wander.pulsed) ** 2 + read**2 * (1 + wander.a**2)
    band[1, :-1] = np.where(wander.is_joined, -(read**2) * wander.a[1:], 0)
    # Of exact data nothing is left to weigh.
    band[0] *= 1 + 1e-12
    band[0] += 1e-300
    root = linalg.cholesky_banded(band, lower=True)
    return np.asarray(linalg.solve_banded((1, 0), root, columns)), float(np.sum(np.log(root[0])))


def estimate(wander: Wander, has_intervals: bool = False, design: Vector | None = None) -> Noise:
    """Returns the noises of largest likelihood.

    Args:
        wander: What the law leaves.
        design: (m, parameters) how it changes with the parameters that were fitted: what they have
            taken from the noises is given back (restricted likelihood); None: they are known.
        has_intervals: Whether to follow the profiles to their ends; else intervals are empty.
    """
    scale = float(np.sqrt(np.mean(wander.w**2))) or 1e-30
    step = float(np.sqrt(np.mean(wander.pulsed**2))) or 1e-30

    columns = wander.w[:, None]
    if design is not None:
        columns = np.concatenate([columns, design / np.abs(design).max(0)], axis=1)

    def cost(read: float, cycle: float) -> float:
        sizes = np.exp(read) * scale, np.exp(cycle) * scale / step
        try:
            z, volume = whitened(wander, columns, *sizes)
        except linalg.LinAlgError:
            return 1e12
        if design is None:
            return volume + float(z[:, 0] @ z[:, 0]) / 2
        q, r = np.linalg.qr(z[:, 1:])
        z = z[:, 0] - q @ (q.T @ z[:, 0])
        taken = float(np.sum(np.log(np.abs(np.diag(r)) + 1e-300)))
        return volume + taken + float(z @ z) / 2

    tried = [optimize.minimize(lambda p: cost(*np.clip(p, _LEAST, _MOST)), start,
                               method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4})
             for start in ((-0.7, -0.7), (-0.3, -4.0), (-3.0, -0.2))]  # fmt: skip
    best = min(tried, key=lambda one: one.fun)
    read, cycle = (float(p) for p in np.clip(best.x, _LEAST, _MOST))
    alone: Any = optimize.minimize_scalar(
        lambda p: cost(p, _LEAST), bounds=(_LEAST, _MOST), method="bounded"
    )
    reads, cycles = (read, read, read), (cycle, cycle, cycle)
    if has_intervals:
        reads = _interval(cost, read, cycle, float(best.fun))
        cycles = _interval(lambda p, q: cost(q, p), cycle, read, float(best.fun))
    return Noise(
        read=_sized(reads, scale),
        cycle=_sized(cycles, scale / step),
        gain=2 * (float(alone.fun) - float(best.fun)),
        likelihood=-float(best.fun),
    )


def _sized(logs: Interval, size: float) -> Interval:
    value, low, high = (float(np.exp(p)) * size for p in logs)
    # At the end of the search lies zero.
    return value, 0.0 if logs[1] <= _LEAST + 1e-6 else low, high


def _interval(
    cost: Callable[[float, float], float], best: float, other: float, least: float
) -> Interval:
    """Returns where the profile of one noise has risen by what its confidence asks for."""

    def above(p: float) -> float:
        near: Any = optimize.minimize_scalar(
            lambda q: cost(p, q), bounds=(_LEAST, _MOST), method="bounded",
            options={"xatol": 1e-2},
        )  # fmt: skip
        return min(float(near.fun), cost(p, other)) - least - _DROP

    ends = []
    for limit in (_LEAST, _MOST):
        if above(limit) <= 0:
            ends.append(limit)
        else:
            ends.append(float(optimize.root_scalar(above, bracket=(best, limit), xtol=0.01).root))
    return best, ends[0], ends[1]
