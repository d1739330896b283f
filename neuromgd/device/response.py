"""How one cell answers to a pulse: what an update law needs to know of it."""

import jax.numpy as jnp
from flax import struct

from neuromgd.device.params import DeviceParams, LookupParams, given
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.typing import Leaf


class Exponential(struct.PyTreeNode, kw_only=True):
    """The exponential law's step, dw(1 − A e^{rate·z}), z = 2aw/(w_max − w_min) + b.

    Attributes:
        size_up: () A of upward pulses [1].
        size_down: () A of downward pulses, with −z [1].
        rate_up: () rate of upward pulses [1].
        rate_down: () rate of downward pulses [1].
        slope: () a [1].
        offset: () b [1].
    """

    size_up: Leaf
    size_down: Leaf
    rate_up: Leaf
    rate_down: Leaf
    slope: Leaf
    offset: Leaf


class Response(struct.PyTreeNode, kw_only=True):
    """The pulse response of the cells of one array; each leaf is () or (*array).

    Attributes:
        step_up: Size of an upward pulse at zero weight [w.u.].
        step_down: Size of a downward pulse at zero weight [w.u.].
        weight_min: Bound that downward pulses drive towards [w.u.].
        weight_max: Bound that upward pulses drive towards [w.u.].
        nonlinearity_up: γ_up [1]; None: constant steps.
        nonlinearity_down: γ_down [1]; None: constant steps.
        exponential: Of the exponential law.
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
    nonlinearity_up: Leaf | None = None
    nonlinearity_down: Leaf | None = None
    exponential: Exponential | None = None
    lookup: LookupParams | None = None
    table: Leaf | None = None
    gain: Leaf | None = None
    cycle_noise: Leaf | None = None
    cycle_noise_additive: Leaf | None = None
    cycle_noise_absolute: Leaf | None = None


def response(params: DeviceParams, traits: Traits = ALIKE) -> Response | None:
    """Returns the pulse response of the cells, or None if they are written continuously."""
    step = params.update_step
    if step is None:
        return None
    one = jnp.ones((), jnp.float32)
    exponential = None
    if params.exponential_rate_up is not None:
        exponential = Exponential(
            size_up=given(params.exponential_size_up),
            size_down=given(params.exponential_size_down),
            rate_up=given(params.exponential_rate_up),
            rate_down=given(params.exponential_rate_down),
            slope=given(params.exponential_slope),
            offset=given(params.exponential_offset),
        )
    low = params.weight_min if traits.weight_min is None else traits.weight_min
    high = params.weight_max if traits.weight_max is None else traits.weight_max
    gain_up, gain_down = gains(params, traits)
    return Response(
        step_up=step if gain_up is None else step * gain_up,
        step_down=step if gain_down is None else step * gain_down,
        weight_min=-one if low is None else low,
        weight_max=one if high is None else high,
        nonlinearity_up=_first(traits.nonlinearity_up, params.nonlinearity_up),
        nonlinearity_down=_first(traits.nonlinearity_down, params.nonlinearity_down),
        exponential=exponential,
        lookup=params.lookup,
        table=traits.table,
        gain=None if params.lookup is None else traits.step_gain,
        cycle_noise=params.cycle_noise,
        cycle_noise_additive=params.cycle_noise_additive,
        cycle_noise_absolute=params.cycle_noise_absolute,
    )


def gains(params: DeviceParams, traits: Traits) -> tuple[Leaf | None, Leaf | None]:
    """Returns what multiplies the upward and the downward step of each cell; None: nothing."""
    gain, asymmetry = traits.step_gain, traits.asymmetry
    if asymmetry is None:
        asymmetry = params.update_asymmetry
    if asymmetry is None:
        return gain, gain
    up, down = jnp.abs(1 + asymmetry), jnp.abs(1 - asymmetry)
    return (up, down) if gain is None else (gain * up, gain * down)


def _first(own: Leaf | None, common: Leaf | None) -> Leaf | None:
    return common if own is None else own
