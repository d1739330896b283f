"""What one write errs by at random, whatever was asked for."""

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromgd.device.cell import is_programmed, zero_signal
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams
from neuromgd.device.program import programming_error
from neuromgd.device.response import Response, response
from neuromgd.device.threshold import weight_step
from neuromgd.device.traits import ALIKE
from neuromgd.plan.plan import Plan

# Weights at which cells are looked at, evenly over their window.
PLACES = 20


def half_window(plan: Plan) -> float | None:
    """Returns half of what a cell can hold [w.u.]; None: cells without bounds."""
    device = plan.params.device
    if device.weight_min is None or device.weight_max is None:
        return None
    return float(device.weight_max - device.weight_min) / 2


def nominal_step(plan: Plan) -> float | None:
    """Returns the change of a weight by one pulse or level [w.u.]; None: any change."""
    step = weight_step(plan.design.law, plan.params.device, plan.design.is_pair)
    return None if step is None else float(step)


class WriteError(NamedTuple):
    """What a write errs by at random, beside rounding.

    Attributes:
        write: Variance of a write, however long [w.u.²].
        pulse: Variance of every one of its pulses, independent from cycle to cycle [w.u.²].
    """

    write: float
    pulse: float

    def of(self, pulses: float) -> float:
        """Returns σ of a write of so many pulses [w.u.]."""
        return math.sqrt(self.write + pulses * self.pulse)


def write_error(plan: Plan) -> WriteError:
    """Returns what a write errs by, for cells with bounds, as a mean over their window."""
    device = plan.params.device
    write, pulse, places = 0.0, 0.0, _places(device)
    if is_programmed(device):
        write += float(np.asarray(programming_error(device, places), float).mean()) ** 2
    elif (pulsed := response(device, ALIKE)) is not None and not plan.design.law.is_continuous:
        variance = _of_a_pulse(plan.design.law, pulsed, places)
        pulse += 0.0 if variance is None else float(variance)
    if device.update_noise is not None:
        write += float(device.update_noise) ** 2
    if device.update_noise_relative is not None:
        relative = float(device.update_noise_relative) * (places - zero_signal(device))
        write += float(jnp.mean(relative**2))
    if not plan.design.is_pair:
        return WriteError(write, pulse)
    # Half the difference of two cells, of which a fresh pair moves one at a time.
    share = 4 if device.refresh_upper is not None else 2
    return WriteError(write / share, pulse / share)


@partial(jax.jit, static_argnums=0)
def _of_a_pulse(
    law: Law, pulsed: Response, places: Float[Array, " places"]
) -> Float[Array, ""] | None:
    variance = law.pulses(pulsed, places, jnp.ones_like(places))[1]
    return None if variance is None else jnp.mean(variance)


def _places(device: DeviceParams) -> jax.Array:
    low, high = float(device.weight_min or 0), float(device.weight_max or 0)
    return jnp.asarray(np.linspace(low, high, PLACES + 2, dtype=np.float32)[1:-1])
