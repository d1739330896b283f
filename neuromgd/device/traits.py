"""How the memory cells of one chip came out of the fab: drawn once, kept for life."""

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Key

from neuromgd import randomness
from neuromgd.device.die import deviates
from neuromgd.device.params import DeviceParams, given
from neuromgd.randomness import Stream
from neuromgd.typing import Leaf
from neuromgd.words import Draws, Joining

# A gain is never divided by less.
_LEAST_GAIN = 1e-6


class Traits(struct.PyTreeNode, kw_only=True):
    """The cells of one physical array; None where all are as the technology's mean.

    Attributes:
        step_gain: (*array) update step over its mean [1].
        asymmetry: (*array) β_i [1]; where it adds to the gain, over the gain.
        weight_min: (*array) lowest weight [w.u.].
        weight_max: (*array) highest weight [w.u.].
        reference: (*array) error of the reference subtracted from the cell [w.u.].
        law_numbers: Name -> (*array) number of the update law, where it is spread.
        table: (*array) number of the measured device it behaves as [1].
        is_stuck: (*array) whether it never moves.
        stuck_weight: (*array) where it is stuck [w.u.].
        endurance: (*array) writes that it bears [1].
        drift_deviate: (*array) standard normal of its drift exponent [1].
        leak_gain: (*array) leak time over its mean [1].
        deviate: (*array) standard normal that it relaxes along from its first weight [1].
        telegraph_gain: (*array) distance of its two levels over the mean [1]; 0: it has one.
        telegraph_time_gain: (*array) times that it stays in them over their means [1].
        is_high: (*array) whether it is made in the upper one.
    """

    step_gain: Leaf | None = None
    asymmetry: Leaf | None = None
    weight_min: Leaf | None = None
    weight_max: Leaf | None = None
    reference: Leaf | None = None
    law_numbers: Mapping[str, Leaf] = struct.field(default_factory=dict)
    table: Leaf | None = None
    is_stuck: Leaf | None = None
    stuck_weight: Leaf | None = None
    endurance: Leaf | None = None
    drift_deviate: Leaf | None = None
    leak_gain: Leaf | None = None
    deviate: Leaf | None = None
    telegraph_gain: Leaf | None = None
    telegraph_time_gain: Leaf | None = None
    is_high: Leaf | None = None


# Every cell is as the technology's mean.
ALIKE = Traits()

# What is drawn when a chip is made, in the order of the keys that ``fabricate`` takes.
TRAITS: tuple[Stream, ...] = (
    Stream.STEP_SPREAD,
    Stream.ASYMMETRY_SPREAD,
    Stream.MINIMUM_SPREAD,
    Stream.MAXIMUM_SPREAD,
    Stream.REFERENCE_SPREAD,
    Stream.NONLINEARITY_SPREAD,
    Stream.NONLINEARITY_DOWN_SPREAD,
    Stream.POWER_SPREAD,
    Stream.TABLE,
    Stream.STUCK,
    Stream.STUCK_WEIGHT,
    Stream.ENDURANCE_SPREAD,
    Stream.DRIFT_SPREAD,
    Stream.LEAK_SPREAD,
    Stream.RELAXATION_START,
    Stream.TELEGRAPH_SPREAD,
    Stream.TELEGRAPH_TRAP,
    Stream.TELEGRAPH_TIME_SPREAD,
    Stream.TELEGRAPH_START,
)


def fabricate(
    params: DeviceParams, shape: Sequence[int], *keys: Key[Array, ""], is_pair: bool = False
) -> Traits:
    """Draws the cells of one array.

    Args:
        params: How good the technology is.
        shape: Of the array.
        keys: Of this array, one for each stream in ``TRAITS``.
        is_pair: Whether the leading axis of its shape numbers the cells of a pair.
    """
    by_name = dict(zip(TRAITS, keys, strict=True))

    with_steps = {
        Stream.ASYMMETRY_SPREAD: params.step_asymmetry_correlation,
        Stream.MINIMUM_SPREAD: params.step_bound_correlation,
        Stream.MAXIMUM_SPREAD: params.step_bound_correlation,
    }

    def normal(which: Stream) -> Float[Array, "*array"]:
        drawn = lambda which: deviates(params, by_name[which], tuple(shape), is_pair)
        own, shared = drawn(which), with_steps.get(which)
        if shared is None:
            return own
        return shared * drawn(Stream.STEP_SPREAD) + jnp.sqrt(1 - shared**2) * own

    table = _table(params, shape, by_name[Stream.TABLE])
    low, high = _window(params, table, normal)
    low_or_mean = params.weight_min if low is None else low
    high_or_mean = params.weight_max if high is None else high
    gain = _step_gain(params, normal)
    is_stuck, stuck_weight = _stuck(params, shape, low_or_mean, high_or_mean, by_name)
    return Traits(
        step_gain=gain,
        asymmetry=_asymmetry(params, gain, normal),
        weight_min=low,
        weight_max=high,
        reference=_spread_about(None, params.reference_spread, Stream.REFERENCE_SPREAD, normal),
        law_numbers=_nonlinearity(params, normal) | _power(params, normal),
        table=table,
        is_stuck=is_stuck,
        stuck_weight=stuck_weight,
        endurance=_endurance(params, normal),
        drift_deviate=None if params.drift_exponent_spread is None else normal(Stream.DRIFT_SPREAD),
        leak_gain=None
        if params.leak_spread is None
        else jnp.abs(1 + params.leak_spread * normal(Stream.LEAK_SPREAD)),
        deviate=None
        if params.relaxation_noise is None
        else randomness.normal(by_name[Stream.RELAXATION_START], tuple(shape)),
        telegraph_gain=_telegraph_gain(params, shape, by_name[Stream.TELEGRAPH_TRAP], normal),
        telegraph_time_gain=None
        if params.telegraph_time_spread is None
        else jnp.exp(params.telegraph_time_spread * normal(Stream.TELEGRAPH_TIME_SPREAD)),
        is_high=_is_high(params, shape, by_name[Stream.TELEGRAPH_START]),
    )


def _step_gain(params: DeviceParams, normal) -> Leaf | None:
    if params.update_step_log_spread is not None:
        return jnp.exp(params.update_step_log_spread * normal(Stream.STEP_SPREAD))
    if params.update_step_spread is not None:
        return jnp.abs(1 + params.update_step_spread * normal(Stream.STEP_SPREAD))
    return None


def _asymmetry(params: DeviceParams, gain: Leaf | None, normal) -> Leaf | None:
    mean = params.update_asymmetry
    own = _spread_about(mean, params.update_asymmetry_spread, Stream.ASYMMETRY_SPREAD, normal)
    is_added = gain is not None and params.choices.asymmetry_joining is Joining.SUM
    either = mean if own is None else own
    if either is None or gain is None or not is_added:
        return own
    # g (1 ± β/g) = g ± β
    return either / jnp.maximum(gain, _LEAST_GAIN)


def _window(params: DeviceParams, table: Leaf | None, normal) -> tuple[Leaf | None, Leaf | None]:
    """Spreads the bounds about their means; each keeps the side of zero that it is on."""
    low, high = None, None
    if table is not None and params.lookup is not None:
        low, high = params.lookup.low[table], params.lookup.high[table]
    if params.weight_min_spread is not None:
        gain = jnp.abs(1 + params.weight_min_spread * normal(Stream.MINIMUM_SPREAD))
        low = gain * (given(params.weight_min) if low is None else low)
    if params.weight_max_spread is not None:
        gain = jnp.abs(1 + params.weight_max_spread * normal(Stream.MAXIMUM_SPREAD))
        high = gain * (given(params.weight_max) if high is None else high)
    return low, high


def _spread_about(mean: Leaf | None, spread: Leaf | None, which: Stream, normal) -> Leaf | None:
    if spread is None:
        return None
    deviation = spread * normal(which)
    return deviation if mean is None else mean + deviation


def _nonlinearity(params: DeviceParams, normal) -> dict[str, Leaf]:
    if params.nonlinearity_spread is None:
        return {}
    is_common = params.choices.nonlinearity_draws is Draws.COMMON
    streams = {
        "nonlinearity_up": Stream.NONLINEARITY_SPREAD,
        "nonlinearity_down": Stream.NONLINEARITY_SPREAD
        if is_common
        else Stream.NONLINEARITY_DOWN_SPREAD,
    }
    means = params.law_numbers
    return {
        name: jnp.abs(means[name] + params.nonlinearity_spread * normal(which))
        for name, which in streams.items()
        if name in means
    }


def _power(params: DeviceParams, normal) -> dict[str, Leaf]:
    name = "power_exponent"
    if params.power_exponent_spread is None or name not in params.law_numbers:
        return {}
    off = params.power_exponent_spread * normal(Stream.POWER_SPREAD)
    return {name: 1 + jnp.abs(params.law_numbers[name] - 1 + off)}


def _table(params: DeviceParams, shape: Sequence[int], key: Key[Array, ""]) -> Leaf | None:
    if params.lookup is None or len(params.lookup.low) == 1:
        return None
    return jax.random.randint(key, shape, 0, len(params.lookup.low), jnp.int32)


def _stuck(
    params: DeviceParams, shape: Sequence[int], low: Leaf | None, high: Leaf | None, keys
) -> tuple[Bool[Array, "*array"] | None, Float[Array, "*array"] | None]:
    """Draws who is stuck and where: one uniform number a cell is cut into the three shares."""
    shares = (params.stuck_low_fraction, params.stuck_high_fraction, params.stuck_fraction)
    if all(share is None for share in shares):
        return None, None
    one = jnp.ones((), jnp.float32)
    low, high = -one if low is None else low, one if high is None else high
    at_low, at_high, anywhere = (jnp.zeros_like(one) if s is None else s for s in shares)
    u = jax.random.uniform(keys[Stream.STUCK], shape, jnp.float32)
    from_, to = low, high
    if params.stuck_range is not None:
        from_, to = jnp.maximum(low, -params.stuck_range), jnp.minimum(high, params.stuck_range)
    place = jax.random.uniform(keys[Stream.STUCK_WEIGHT], shape, jnp.float32)
    weight = jnp.where(
        u < at_low, low, jnp.where(u < at_low + at_high, high, from_ + (to - from_) * place)
    )
    return u < at_low + at_high + anywhere, weight


def _endurance(params: DeviceParams, normal) -> Leaf | None:
    if params.endurance_cycles is None or params.endurance_spread is None:
        return None
    return params.endurance_cycles * jnp.exp(
        params.endurance_spread * normal(Stream.ENDURANCE_SPREAD)
    )


def _telegraph_gain(
    params: DeviceParams, shape: Sequence[int], key: Key[Array, ""], normal
) -> Leaf | None:
    if params.telegraph_fraction is None and params.telegraph_spread is None:
        return None
    gain = jnp.ones(shape, jnp.float32)
    if params.telegraph_spread is not None:
        gain = jnp.exp(params.telegraph_spread * normal(Stream.TELEGRAPH_SPREAD))
    if params.telegraph_fraction is None:
        return gain
    return jnp.where(randomness.uniform(key, tuple(shape)) < params.telegraph_fraction, gain, 0)


def _is_high(params: DeviceParams, shape: Sequence[int], key: Key[Array, ""]) -> Leaf | None:
    """Draws the levels that cells begin with, as often as they are in them."""
    if params.telegraph_high_time is None or params.telegraph_low_time is None:
        return None
    share = params.telegraph_high_time / (params.telegraph_high_time + params.telegraph_low_time)
    return randomness.uniform(key, tuple(shape)) < share
