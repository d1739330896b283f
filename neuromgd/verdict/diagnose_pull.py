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

import jax.numpy as jnp
import numpy as np

from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check
from neuromgd.verdict.diagnose_bus import noises, total
from neuromgd.verdict.remedy import Remedy
from neuromgd.verdict.requests import averages, kicks, mean_schedule, typical_request
from neuromgd.verdict.steps import steps_of

# σ of a normal distribution over its mean magnitude.
_DEVIATION = math.sqrt(math.pi / 2)


def of_pull(
    plan: Plan, seen: Observed, delta_cost: float, first: np.ndarray, better: Remedy | None
) -> dict[str, Check]:
    """Returns the pull on weights such as the first ones, over gradient and window.

    Args:
        plan: What was run.
        seen: Of the chips at the end of the run.
        delta_cost: Mean |ΔC| of the run [cost].
        first: First weights, as they are wanted [w.u.].
        better: The residue that would err by the least.
    """
    steps = steps_of(plan)
    if steps is None:
        return {}
    start = np.clip(first, steps.weight[0], steps.weight[-1])
    asymmetry = steps.asymmetry_at(start)
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
    if better is not None and better.path < path / 2:
        slower = over_gradient * better.path / path
        meaning += f"; {better.told} slows the pull to {slower:.2g}× the gradient, at first"
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
