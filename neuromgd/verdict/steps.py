"""How a pulse up and one down move a weight, over its window."""

from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from neuromgd.device.cell import is_programmed
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams
from neuromgd.device.response import Response, response
from neuromgd.device.traits import ALIKE
from neuromgd.device.zero_shift import symmetry_point
from neuromgd.plan.plan import Plan

# Weights between which steps are interpolated, and how often a weight is moved on its way.
PLACES, MOVES = 201, 400


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

    def asymmetry_at(self, weight: np.ndarray) -> float:
        """Returns the mean magnitude of the asymmetry at some weights [w.u.]."""
        return float(np.abs(np.interp(weight, self.weight, self.asymmetry)).mean())

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
        at = np.asarray(cells, np.float32)
        after = _after(law, pulsed, at, np.full_like(at, sign))
        return np.clip(sign * np.asarray(np.asarray(after) - at, float), 0, None)

    at_zero = symmetry_point(law, device, plan.design.is_pair)
    if not plan.design.is_pair:
        up, down = moved(weight, 1), moved(weight, -1)
        return Steps(weight - at_zero, up, down, float(device.update_step))
    weight = weight - (low + high) / 2
    return Steps(weight, *_of_pair(device, weight, at_zero, moved), float(device.update_step))


@partial(jax.jit, static_argnums=0)
def _after(
    law: Law, pulsed: Response, weight: Float[Array, " places"], count: Float[Array, " places"]
) -> Float[Array, " places"]:
    return law.pulses(pulsed, weight, count)[0]


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
