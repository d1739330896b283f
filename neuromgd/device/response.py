"""How one cell answers to a pulse: what an update law needs to know of it."""

from collections.abc import Mapping

import jax.numpy as jnp
from flax import struct

from neuromgd.device.params import DeviceParams, LookupParams
from neuromgd.device.thermal import step_factor
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.errors import InputError
from neuromgd.typing import Leaf
from neuromgd.words import Bound


class Response(struct.PyTreeNode, kw_only=True):
    """The pulse response of the cells of one array; each leaf is () or (*array).

    Attributes:
        step_up: Size of an upward pulse at zero weight [w.u.].
        step_down: Size of a downward pulse at zero weight [w.u.].
        weight_min: Bound that downward pulses drive towards [w.u.].
        weight_max: Bound that upward pulses drive towards [w.u.].
        slope_min: What γ of a step that shrinks downwards is told over [w.u.]; None: weight_min.
        slope_max: The same upwards; None: weight_max.
        law_numbers: Name -> number that the law alone reads, see ``LAW_NUMBERS``.
        lookup: Tables of the lookup law.
        table: Number of the measured device that a cell behaves as [1]; None: the first.
        gain: Steps over those of that device [1]; None: equal.
        cycle_noise: σ of a pulse over its own change [1]; None: exact pulses.
        cycle_noise_additive: σ of a pulse over the step at zero weight [1].
        cycle_noise_absolute: σ of a pulse, whatever its size [w.u.].
    """

    step_up: Leaf
    step_down: Leaf
    weight_min: Leaf
    weight_max: Leaf
    slope_min: Leaf | None = None
    slope_max: Leaf | None = None
    law_numbers: Mapping[str, Leaf] = struct.field(default_factory=dict)
    lookup: LookupParams | None = None
    table: Leaf | None = None
    gain: Leaf | None = None
    cycle_noise: Leaf | None = None
    cycle_noise_additive: Leaf | None = None
    cycle_noise_absolute: Leaf | None = None

    def number(self, name: str) -> Leaf:
        """Returns a number that the law cannot do without.

        Raises:
            InputError: If the cells have none.
        """
        if name not in self.law_numbers:
            raise InputError(f"device.{name}: the law of these cells needs it")
        return self.law_numbers[name]


def response(
    params: DeviceParams, traits: Traits = ALIKE, temperature: Leaf | None = None
) -> Response | None:
    """Returns the pulse response of the cells, or None if they are written continuously.

    Args:
        params: How good the technology is.
        traits: How these cells came out.
        temperature: Of them [K]; None: that of ``params``.
    """
    step = params.update_step
    if step is None:
        return None
    heat = step_factor(params, params.temperature if temperature is None else temperature)
    step = step if heat is None else step * heat
    one = jnp.ones((), jnp.float32)
    low = params.weight_min if traits.weight_min is None else traits.weight_min
    high = params.weight_max if traits.weight_max is None else traits.weight_max
    is_mean = params.choices.nonlinearity_bound is Bound.MEAN
    gain_up, gain_down = gains(params, traits)
    return Response(
        step_up=step if gain_up is None else step * gain_up,
        step_down=step if gain_down is None else step * gain_down,
        weight_min=-one if low is None else low,
        weight_max=one if high is None else high,
        slope_min=params.weight_min if is_mean else None,
        slope_max=params.weight_max if is_mean else None,
        law_numbers={**params.law_numbers, **traits.law_numbers},
        lookup=params.lookup,
        table=traits.table,
        gain=None if params.lookup is None else _times(traits.step_gain, heat),
        cycle_noise=params.cycle_noise,
        cycle_noise_additive=params.cycle_noise_additive,
        cycle_noise_absolute=params.cycle_noise_absolute,
    )


def _times(one: Leaf | None, other: Leaf | None) -> Leaf | None:
    return one if other is None else other if one is None else one * other


def gains(params: DeviceParams, traits: Traits) -> tuple[Leaf | None, Leaf | None]:
    """Returns what multiplies the upward and the downward step of each cell; None: nothing."""
    gain, asymmetry = traits.step_gain, traits.asymmetry
    if asymmetry is None:
        asymmetry = params.update_asymmetry
    if asymmetry is None:
        return gain, gain
    up, down = jnp.abs(1 + asymmetry), jnp.abs(1 - asymmetry)
    return (up, down) if gain is None else (gain * up, gain * down)
