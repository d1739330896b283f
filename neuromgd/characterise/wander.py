"""A law held against each reading in turn: where it leads, and how a deviation goes on."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from neuromgd.characterise.noise import Noise, Wander, estimate, whitened
from neuromgd.characterise.paths import Plan
from neuromgd.characterise.search import Family, Solution, bounds

Vector = NDArray[np.float64]
_ROUNDS = 4


class Steps:
    """What lies between each reading and the next, for all of them at once."""

    def __init__(self, family: Family, done: Plan):
        self.family, self.starts = family, len(done.starts)
        rows = [np.arange(run.first, run.first + len(run.counts)) for run in done.runs]
        self.row = np.concatenate(rows)
        self.sign = np.concatenate([np.full(len(run.counts), run.sign) for run in done.runs])
        self.count = np.concatenate([run.counts for run in done.runs])
        self.is_joined = np.diff(self.row) == 1
        self.side = np.where(self.sign == -1, len(done.ways) - 1, 0)

    def own(self, x: Vector) -> Vector:
        """Returns the (parameters of a direction, m) of each interval."""
        sides = x[self.starts :].reshape(-1, self.family.size)
        return sides[self.side].T

    def size(self, x: Vector, at: Vector) -> Vector:
        """Returns the (m,) size of a step at some places."""
        if not self.family.slope:
            alpha, kappa = self.own(x)
            return alpha - kappa * at
        alpha, kappa, rate = self.own(x)
        return alpha - kappa * np.exp(np.clip(rate * (at - (rate > 0)), -50, 50))

    def lead(self, x: Vector, at: Vector) -> Vector:
        """Returns where the pulses of each interval lead from some places."""
        end = at + self.sign * self.size(x, at)
        for number in np.unique(self.count[self.count > 1]):
            which = self.count == number
            for way in (1, -1):
                chosen = np.flatnonzero(which & (self.sign == way))
                if len(chosen):
                    own = self.own(x)[:, chosen[0]]
                    count = np.array([number])
                    end[chosen] = [
                        self.family.along(own, way, float(place), count)[0] for place in at[chosen]
                    ]
        return np.where(self.count > 0, end, at)

    def stretch(self, x: Vector, at: Vector) -> Vector:
        """Returns how a deviation at some places goes on, dF/dx."""
        if not self.family.slope:
            log = np.log(np.maximum(1 - self.sign * self.own(x)[1], 1e-6))
            return np.exp(np.minimum(self.count * log, 50.0))
        h = 1e-5
        return (self.lead(x, at + h) - self.lead(x, at - h)) / (2 * h)

    def wander(self, x: Vector, measured: Vector, seen: Vector) -> Wander:
        """Returns what the law leaves, about where the cell is thought to have been."""
        at = seen[self.row]
        a = self.stretch(x, at)
        w = measured[self.row + 1] - self.lead(x, at) - a * (measured[self.row] - at)
        # The last of several steps is the one that the noise of all is seen through.
        last = np.abs(self.size(x, at)) * np.where(self.count > 1, np.abs(a), 1)
        return Wander(w, a, np.sqrt(self.count) * last, self.is_joined)


def changes(steps: Steps, x: Vector, measured: Vector, seen: Vector) -> Vector:
    """Returns (m, parameters): how what the law leaves changes with those of its steps."""
    columns: list[Vector] = []
    for place in range(steps.starts, len(x)):
        h = np.zeros(len(x))
        h[place] = 1e-6 * max(abs(float(x[place])), 1e-6)
        ends = [steps.wander(at, measured, seen).w for at in (x + h, x - h)]
        columns.append((ends[0] - ends[1]) / (2 * h[place]))
    return np.stack(columns, axis=1)


def smoothed(steps: Steps, wander: Wander, measured: Vector, read: float, cycle: float) -> Vector:
    """Returns where the cell most likely was at each reading."""
    m = len(wander.w)
    band = np.zeros((2, m))
    band[0] = (cycle * wander.pulsed) ** 2 + read**2 * (1 + wander.a**2) + 1e-300
    band[1, :-1] = np.where(wander.is_joined, -(read**2) * wander.a[1:], 0)
    weighed = linalg.solveh_banded(band, wander.w, lower=True)
    seen = measured.copy()
    # v has the covariance r²(δ_{k+1} − a_k δ_k) with w_k.
    np.subtract.at(seen, steps.row + 1, read**2 * weighed)
    np.add.at(seen, steps.row, read**2 * wander.a * weighed)
    return seen


def refined(solution: Solution, measured: Vector, done: Plan) -> tuple[Solution, Vector, Noise]:
    """Fits a law again where pulses are noisy: each reading is held against the one before.

    Returns:
        The solution, whose residuals are still those of the whole curve; the covariance of its
        parameters; both noises.
    """
    family, first = solution.family, len(done.starts)
    steps = Steps(family, done)
    x, seen = solution.x.copy(), measured + solution.residuals
    noise = estimate(steps.wander(x, measured, seen))
    low, high = bounds(family, done)
    design = np.eye(len(x))
    for _ in range(_ROUNDS):
        wander = steps.wander(x, measured, seen)
        read, cycle = noise.read[0], noise.cycle[0]
        seen = smoothed(steps, wander, measured, read, cycle)
        wander = steps.wander(x, measured, seen)

        def left(p: Vector, x=x, seen=seen, wander=wander, read=read, cycle=cycle) -> Vector:
            own = steps.wander(np.concatenate([x[:first], p]), measured, seen).w
            return whitened(wander, own, read, cycle)[0]

        found = optimize.least_squares(
            left, np.clip(x[first:], low[first:] + 1e-12, high[first:] - 1e-12),
            bounds=(low[first:], high[first:]), x_scale="jac", max_nfev=20,
        )  # fmt: skip
        x[first:] = found.x
        x[:first] = seen[list(done.starts)]
        design = found.jac
        noise = estimate(steps.wander(x, measured, seen))
    covariance = np.zeros((len(x), len(x)))
    covariance[:first, :first] = np.eye(first) * noise.read[0] ** 2
    covariance[first:, first:] = np.linalg.pinv(design.T @ design)
    return solution._replace(x=x), covariance, noise
