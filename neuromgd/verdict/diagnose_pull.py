"""Where requests that cancel still move a weight, and how fast.

A pulse of a cell at w moves it up by u(w) or down by d(w). Of requests Δ that become pulses one by
one, the mean change is

    E[δw] = E[Δ] (u + d)/2dw + E|Δ| (u − d)/2dw:

beside the gradient's E[Δ] there is a pull towards w*, where u = d, and the two balance where the
signal share |E[Δ]|/E|Δ| of a request is |u − d|/(u + d). Perturbative requests are mostly noise,
so that this share is small and so is the asymmetry that a chip bears.

References:
    Gokmen and Haensch, Front. Neurosci. 14, 103 (2020): the symmetry point.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.device.cell import is_programmed
from neuromgd.device.params import DeviceParams
from neuromgd.device.response import response
from neuromgd.device.traits import ALIKE
from neuromgd.device.zero_shift import symmetry_point
from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check
from neuromgd.verdict.diagnose_bus import noises, total
from neuromgd.verdict.requests import averages, kicks, mean_schedule, typical_request

# Weights between which steps are interpolated, and how often a weight is moved on its way.
PLACES, MOVES = 201, 400

# σ of a normal distribution over its mean magnitude.
_DEVIATION = math.sqrt(math.pi / 2)


class Steps(NamedTuple):
    """Mean change of a weight by one pulse up and one down, over its window.

    Attributes:
        weight: (places,) [w.u.].
        up: (places,) u [w.u.].
        down: (places,) d [w.u.].
        step: dw that a request is divided by for pulses [w.u.].
    """

    weight: np.ndarray
    up: np.ndarray
    down: np.ndarray
    step: float

    @property
    def asymmetry(self) -> np.ndarray:
        """(places,) (u − d)/(u + d), the signal share that the pull there is worth [1]."""
        return (self.up - self.down) / np.maximum(self.up + self.down, 1e-30)

    @property
    def rest(self) -> float:
        """w*: where the pull ends, a symmetry point or an end of the window [w.u.]."""
        pull = self.up - self.down
        ends = np.flatnonzero((pull[:-1] > 0) & (pull[1:] <= 0))
        if ends.size:
            at = ends[np.argmin(np.abs(self.weight[ends]))]
            share = pull[at] / (pull[at] - pull[at + 1])
            return float(self.weight[at] + share * (self.weight[at + 1] - self.weight[at]))
        return float(self.weight[-1 if pull.sum() > 0 else 0])

    def carried(self, weight: np.ndarray, path: float) -> np.ndarray:
        """Returns weights after requests that cancel, Σ|Δ| = path [w.u.]."""
        speed = (self.up - self.down) / (2 * self.step)
        for _ in range(MOVES):
            weight = weight + path / MOVES * np.interp(weight, self.weight, speed)
            weight = np.clip(weight, self.weight[0], self.weight[-1])
        return weight


def of_pull(plan: Plan, seen: Observed, delta_cost: float, first: np.ndarray) -> dict[str, Check]:
    """Returns the pull on weights such as the first ones, over gradient and window.

    Args:
        plan: What was run.
        seen: Of the chips at the end of the run.
        delta_cost: Mean |ΔC| of the run [cost].
        first: First weights, as they are wanted [w.u.].
    """
    steps = steps_of(plan)
    if steps is None:
        return {}
    start = np.clip(first, steps.weight[0], steps.weight[-1])
    asymmetry = float(np.abs(np.interp(start, steps.weight, steps.asymmetry)).mean())
    signal = signal_share(plan, seen, delta_cost)
    half = float(steps.weight[-1] - steps.weight[0]) / 2
    request = (typical_request(plan, delta_cost) or 0.0) * mean_schedule(plan)
    path = seen.writes_per_cell * max(request, steps.step)
    way = np.abs(steps.carried(steps.weight, path) - steps.weight)
    moved = float(np.interp(start, steps.weight, way).mean()) / half
    over_gradient = asymmetry / max(signal, 1e-12)
    meaning = (
        f"requests that cancel pull weights towards {steps.rest:.2g}, {over_gradient:.2g}× as fast"
        f" as the gradient moves them: pulses up and down differ by {100 * asymmetry:.2g} % of"
        f" their mean, of a request {100 * signal:.2g} % is signal, and in this run the pull alone"
        f" is worth {moved:.2g} of half the window"
    )
    return {
        "pull_over_gradient": Check(over_gradient, 1.0, meaning),
        "pull_over_window": Check(moved, math.inf, meaning),
    }


def signal_share(plan: Plan, seen: Observed, delta_cost: float) -> float:
    """Returns |E[Δ]|/E|Δ| of a typical request.

    E‖Ĝ‖² = ‖∇C‖² (1 + excess), for independent signs, P synapses and T perturbations (P − 1)/T;
    a rule may average it down, and the noise of ΔC takes its part.
    """
    per_slot = jnp.asarray(plan.tau.perturbation / plan.tau.update, jnp.float32)
    excess = float(plan.design.code.excess(kicks(plan), per_slot)) / averages(plan)
    noise = total(noises(plan, seen)) / max(_DEVIATION * delta_cost, 1e-30)
    clean = math.sqrt(max(1 - noise**2, 0.0))
    return min(1.0, _DEVIATION * clean / math.sqrt(1 + excess))


def first_weights(plan: Plan) -> np.ndarray:
    """Returns first weights, all arrays in one, as they are wanted [w.u.]."""
    arrays = jax.tree.leaves(plan.design.network.initialise(jax.random.key(0)))
    return np.concatenate([np.asarray(array, float).ravel() for array in arrays])


def steps_of(plan: Plan) -> Steps | None:
    """Returns the steps of a weight over its window; None: it is not pulsed, or has no window."""
    device, law = plan.params.device, plan.design.law
    pulsed = None if is_programmed(device) else response(device, ALIKE)
    if pulsed is None or law.is_continuous:
        return None
    if device.weight_min is None or device.weight_max is None or device.update_step is None:
        return None
    low, high = float(device.weight_min), float(device.weight_max)
    weight = np.linspace(low, high, PLACES)

    def moved(cells: np.ndarray, sign: int) -> np.ndarray:
        at = jnp.asarray(cells, jnp.float32)
        after = law.pulses(pulsed, at, sign * jnp.ones_like(at))[0]
        return np.clip(sign * np.asarray(after - at, float), 0, None)

    at_zero = symmetry_point(law, device, plan.design.is_pair)
    if not plan.design.is_pair:
        up, down = moved(weight, 1), moved(weight, -1)
        return Steps(weight - at_zero, up, down, float(device.update_step))
    weight = weight - (low + high) / 2
    return Steps(weight, *_of_pair(device, weight, at_zero, moved), float(device.update_step))


def _of_pair(
    device: DeviceParams, weight: np.ndarray, at_zero: float, moved
) -> tuple[np.ndarray, np.ndarray]:
    low, high = float(device.weight_min or 0), float(device.weight_max or 0)
    if device.refresh_upper is not None:  # one cell of a fresh pair carries all, and both only rise
        return moved(low + 2 * np.maximum(weight, 0), 1), moved(low + 2 * np.maximum(-weight, 0), 1)
    middle = (low + high) / 2 + at_zero
    plus, minus = (np.clip(middle + one, low, high) for one in (weight, -weight))
    up, down = moved(plus, 1) + moved(minus, -1), moved(plus, -1) + moved(minus, 1)
    return up / 2, down / 2
