"""What writing does beside what is asked of it: a walk at random, and a pull to one side."""

import math

import jax.numpy as jnp
import numpy as np

from neuromgd.device.cell import is_programmed
from neuromgd.device.params import DeviceParams
from neuromgd.device.program import level_step, programming_error
from neuromgd.device.response import response
from neuromgd.device.traits import ALIKE
from neuromgd.study.build import Plan
from neuromgd.study.check import Check

# Weights at which cells are looked at, evenly over their window.
PLACES = 20

# On MNIST, cells above either limit stay at chance, and those below half of it learn.
WALK_LIMIT = 0.25
ASYMMETRY_LIMIT = 0.35


def of_writes(todo: Plan, writes: float) -> dict[str, Check]:
    """Returns the checks of a finite window's writes.

    Args:
        todo: What was run.
        writes: Mean number of writes of a synapse.
    """
    device = todo.params.device
    if device.weight_min is None or device.weight_max is None:
        return {}
    checks = {}
    half = float(device.weight_max - device.weight_min) / 2
    error = _error(device)
    if error is not None:
        walk = error * math.sqrt(writes) / half
        checks["random_walk_over_window"] = Check(
            walk,
            WALK_LIMIT,
            f"what {writes:,.0f} writes err by adds up to {walk:.2g} of half the window: weights"
            " walk at random",
        )
    asymmetry = _asymmetry(todo)
    if asymmetry is not None:
        checks["pulse_asymmetry"] = Check(
            asymmetry,
            ASYMMETRY_LIMIT,
            f"pulses up and down differ by {100 * asymmetry:.0f} % of their mean over the window:"
            " requests that cancel still move a weight",
        )
    return checks


def _error(device: DeviceParams) -> float | None:
    """Returns what one write errs by at random [w.u.]: whole pulses, cycle noise, programming."""
    if is_programmed(device):
        error = np.asarray(programming_error(device, _places(device)), float).mean()
        step = 0.0 if device.levels is None else float(level_step(device))
        return math.hypot(error, step)
    if device.update_step is None:
        return None
    step = float(device.update_step)
    of_step = 0.0 if device.cycle_noise is None else float(device.cycle_noise)
    additive = device.cycle_noise_additive
    of_step = math.hypot(of_step, 0.0 if additive is None else float(additive))
    return step * math.hypot(1.0, of_step)


def _asymmetry(todo: Plan) -> float | None:
    """Returns |up − down|/(up + down) of single pulses, each summed over the window [1]."""
    device, law = todo.params.device, todo.design.law
    pulsed = None if is_programmed(device) else response(device, ALIKE)
    if pulsed is None or law.is_continuous:
        return None
    weight = _places(device)
    one = jnp.ones_like(weight)
    up = np.asarray(law.pulses(pulsed, weight, one)[0] - weight, float)
    down = np.asarray(weight - law.pulses(pulsed, weight, -one)[0], float)
    return float(np.abs(up - down).sum() / max((np.abs(up) + np.abs(down)).sum(), 1e-30))


def _places(device: DeviceParams) -> jnp.ndarray:
    low, high = float(device.weight_min or 0), float(device.weight_max or 0)
    return jnp.linspace(low, high, PLACES + 2, dtype=jnp.float32)[1:-1]
