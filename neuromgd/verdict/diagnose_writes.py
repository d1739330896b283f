"""What writing errs by at random: a walk."""

import math

import jax.numpy as jnp
import numpy as np

from neuromgd.device.cell import is_programmed
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.program import level_step, programming_error
from neuromgd.device.response import response
from neuromgd.device.traits import ALIKE
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check

# Weights at which cells are looked at, evenly over their window.
PLACES = 20

# Trained on MNIST as docs/results.md tells, no published cell above it passed 23 %, and all that
# passed 50 % are below.
WALK_LIMIT = 0.25


def of_writes(plan: Plan, writes: float) -> dict[str, Check]:
    """Returns the checks of the writes; none for cells without bounds.

    Args:
        plan: What was run.
        writes: Mean number of writes of a synapse.
    """
    device = plan.params.device
    if device.weight_min is None or device.weight_max is None:
        return {}
    checks = {}
    half = float(device.weight_max - device.weight_min) / 2
    error = _error(plan)
    if error is not None:
        walk = error * math.sqrt(writes) / half
        checks["random_walk_over_window"] = Check(
            walk,
            WALK_LIMIT,
            f"what {writes:,.0f} writes err by adds up to {walk:.2g} of half the window: weights"
            " walk at random",
        )
    return checks


def _error(plan: Plan) -> float | None:
    """Returns what one write of one pulse or level errs by at random [w.u.]; None: nothing does."""
    device, squares = plan.params.device, []
    places = _places(device)
    if is_programmed(device):
        squares.append(np.asarray(programming_error(device, places), float).mean() ** 2)
        squares.append(0.0 if device.levels is None else float(level_step(device)) ** 2)
    elif (pulsed := response(device, ALIKE)) is not None and not plan.design.law.is_continuous:
        squares.append(float(given(device.update_step)) ** 2)
        variance = plan.design.law.pulses(pulsed, places, jnp.ones_like(places))[1]
        squares.append(0.0 if variance is None else float(jnp.mean(variance)))
    if device.update_noise is not None:
        squares.append(float(device.update_noise) ** 2)
    return math.sqrt(sum(squares)) if squares else None


def _places(device: DeviceParams) -> jnp.ndarray:
    low, high = float(device.weight_min or 0), float(device.weight_max or 0)
    return jnp.linspace(low, high, PLACES + 2, dtype=jnp.float32)[1:-1]
