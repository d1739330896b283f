"""What a residue and a threshold would make of a run: how often it wrote, and what that errs by.

Requests are mostly noise, so that what a synapse has kept walks at random between two writes, σ a
window. It is written where it leaves ±a, on average at b = a + ρσ, by the whole pulses k·dw next to
b (all of b where any change can be asked for), which leaves r = b − k·dw:

    windows between two writes   (b² − r²)/σ², ρ = −ζ(½)/√2π, and one at least
    what is not written yet      √((a² + r²)/6), the occupation of a walk from r until it leaves ±a

Every write errs by what its pulses, its programming and its circuit err by, so that a large
threshold errs by what is not written and a small one by what is written; asymmetry moves a weight
by its share of all pulses. The best threshold is where the three together are least.

References:
    Siegmund, Sequential Analysis (1985), chapter 10: the overshoot ρσ.
"""

import math
from typing import NamedTuple

import numpy as np

from neuromgd.plan.plan import Plan
from neuromgd.verdict.requests import averages, mean_schedule, typical_request
from neuromgd.verdict.steps import steps_of
from neuromgd.verdict.write_error import WriteError, half_window, nominal_step, write_error

# ρ, how far a normal walk is beyond a threshold when it passes it, in σ.
OVERSHOOT = 0.5826
# Its spread, over its mean: whole pulses round some of them up and some down.
OVERSHOOTS = np.array([0.2, 0.6, 1.0, 1.4, 1.8])
# σ of a normal distribution over its mean magnitude.
_DEVIATION = math.sqrt(math.pi / 2)
# Thresholds that are looked at, from a thousandth of half the window to half of it.
PLACES, LEAST, MOST = 200, 1e-3, 0.5
# A code of the residue is this share of σ; its range is beyond the threshold by so many σ.
CODE, BEYOND = 0.25, 4.0


class Remedy(NamedTuple):
    """A residue with its threshold, and what a run of the same length would come to.

    Attributes:
        threshold: a, from which on there is a write [w.u.].
        pulses: The same in nominal pulses or levels; None: cells that take any change.
        bits: Of the residue, so that one code is a quarter of a request's σ [bit].
        range: Of the residue [w.u.].
        writes: Of a synapse.
        path: All that these writes ask for, up and down [w.u.].
        walk: What they err by at random, over half the window [1].
        kept: What is not written, over half the window [1].
        pull: What asymmetry moves a weight by, over half the window [1].
    """

    threshold: float
    pulses: float | None
    bits: int
    range: float
    writes: float
    path: float
    walk: float
    kept: float
    pull: float

    @property
    def total(self) -> float:
        """All three together, over half the window [1]."""
        return math.hypot(self.walk, self.kept, self.pull)

    @property
    def told(self) -> str:
        """What to add to a chip, with its options."""
        option, value, unit = "write-threshold-pulses", self.pulses, "pulses"
        if value is None:
            option, value, unit = "write-threshold", self.threshold, "w.u."
        return (
            f"a residue of {self.bits} bits that is written from {value:.2g} {unit} on"
            f" (--synapse.residue --device.{option} {value:.2g})"
        )


def step_of_walk(plan: Plan, delta_cost: float) -> float | None:
    """Returns σ of what a residue walks by in a window [w.u.]; None: a rule of a user's own.

    A rule that averages m estimates asks for less at a time and for as much in the long run: the
    requests of m windows go the same way.
    """
    request = typical_request(plan, delta_cost)
    if not request:
        return None
    return _DEVIATION * request * mean_schedule(plan) * math.sqrt(averages(plan))


def remedy(plan: Plan, delta_cost: float, first: np.ndarray) -> Remedy | None:
    """Returns the residue that errs by the least; None: not known, or none errs by less.

    It is not known of cells without bounds, of a rule of a user's own, in continuous time, where
    requests go on for a window, and of two cells a weight, where the fast one keeps the rest; a
    cell that takes any change and errs by little needs none.

    Args:
        plan: What was run.
        delta_cost: Mean |ΔC| of the run [cost].
        first: First weights, as they are wanted [w.u.].
    """
    half, sigma = half_window(plan), step_of_walk(plan, delta_cost)
    if half is None or sigma is None or plan.design.transfer is not None:
        return None
    if plan.design.mode.is_continuous:
        return None
    steps, step = steps_of(plan), nominal_step(plan)
    walk = Walk(
        plan.windows, sigma, half, step, write_error(plan),
        asymmetry=0.0 if steps is None else steps.asymmetry_at(first),
    )  # fmt: skip
    least = max(LEAST * half, 0.0 if step is None else step / 2)
    places = np.geomspace(least, max(MOST * half, least), PLACES)
    best = min(map(walk.at, places.tolist()), key=lambda one: one.total)
    return None if step is None and best.threshold <= places[0] else best


class Walk(NamedTuple):
    """Requests that cancel, of σ each, on cells of a window, a step, an error and an asymmetry."""

    windows: int
    sigma: float
    half: float
    step: float | None
    error: WriteError
    asymmetry: float

    def at(self, threshold: float) -> Remedy:
        """Returns what becomes of them where they are written from a threshold on [w.u.]."""
        sigma, step, half = self.sigma, self.step, self.half
        # Where a walk is when it is written, what is asked for then, and what is left of it.
        ends = threshold + OVERSHOOT * sigma * OVERSHOOTS
        whole = ends if step is None else step * np.maximum(1, np.round(ends / step))
        asked, rest = float(whole.mean()), math.sqrt(((ends - whole) ** 2).mean())
        writes = self.windows / max(1.0, (float(ends.mean()) ** 2 - rest**2) / sigma**2)
        path, reach = writes * asked, threshold + BEYOND * sigma
        return Remedy(
            threshold,
            pulses=None if step is None else threshold / step,
            bits=math.ceil(math.log2(2 * reach / (CODE * sigma) + 1)),
            range=reach,
            writes=writes,
            path=path,
            walk=self.error.of(1.0 if step is None else asked / step) * math.sqrt(writes) / half,
            kept=math.hypot(threshold, rest) / math.sqrt(6) / half,
            pull=self.asymmetry * path / half,
        )
