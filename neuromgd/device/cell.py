"""What a memory cell holds between two writes."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Int

from neuromgd.device.params import DeviceParams, given
from neuromgd.device.telegraph import Telegraph, has_traps, shift
from neuromgd.device.thermal import is_thermal, warmed
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.typing import Leaf


class Clock(struct.PyTreeNode, kw_only=True):
    """Time since the last write, summed with its rounding error: steps are tiny beside it.

    Attributes:
        seconds: (*array) time [s].
        residue: (*array) what the sum has too much [s].
    """

    seconds: Leaf
    residue: Leaf


class CellState(struct.PyTreeNode, kw_only=True):
    """The cells of one physical array.

    A differential array has a leading axis of 2: the weight is half the first minus the second.

    Attributes:
        weight: (*cells) weight θ that the cell had after its last write [w.u.].
        seen: (*cells) weight that the network sees until the next write [w.u.]; None: ``weight``.
        writes: (*cells) writes that pulsed this cell [1].
        offset: (*cells) write noise of the last write, where ``seen`` also moves with time [w.u.].
        drift_clock: Time since the last write at the reference temperature of the drift.
        leak_clock: The same for the leak.
        relaxation_clock: The same for relaxation.
        deviate: (*cells) standard normal that a cell relaxes along since its last write [1].
        telegraph: Traps that give the cells two levels.
        temperature: () of the cells [K], where what they show depends on it.
        iterations: (*cells) program-verify iterations of this cell so far [1].
        is_pair: Whether the array is differential; static.
    """

    weight: Leaf
    seen: Leaf | None = None
    writes: Leaf
    offset: Leaf | None = None
    drift_clock: Clock | None = None
    leak_clock: Clock | None = None
    relaxation_clock: Clock | None = None
    deviate: Leaf | None = None
    telegraph: Telegraph | None = None
    temperature: Leaf | None = None
    iterations: Leaf | None = None
    is_pair: bool = struct.field(pytree_node=False, default=False)

    @property
    def is_moving(self) -> bool:
        """Whether what it shows changes between writes."""
        own = (self.drift_clock, self.leak_clock, self.relaxation_clock, self.telegraph,
               self.temperature)  # fmt: skip
        return any(one is not None for one in own)


def store(
    params: DeviceParams,
    weight: Float[Array, "*array"],
    traits: Traits = ALIKE,
    is_pair: bool = False,
) -> CellState:
    """Returns new cells that hold the given weights, as far as their window reaches.

    Args:
        params: How good the technology is.
        weight: (*array) wanted [w.u.].
        traits: Of these cells; (2, *array) shaped for a pair.
        is_pair: Whether each weight is the difference of two cells.
    """
    if is_pair:
        if params.refresh_upper is None:
            weight = middle(params) + jnp.stack([weight, -weight])
        else:
            weight = one_sided(params, 2 * weight)
    weight = bounded(params, weight, traits)
    if traits.is_stuck is not None:
        weight = jnp.where(traits.is_stuck, given(traits.stuck_weight), weight)
    zeros, tested = jnp.zeros_like(weight), tester_pulses(params)
    new = Clock(seconds=zeros, residue=zeros)
    made = CellState(
        weight=weight,
        writes=jnp.zeros(weight.shape, jnp.int32)
        if tested is None
        else jnp.full(weight.shape, tested),
        drift_clock=None if params.drift_exponent is None else new,
        leak_clock=None if params.leak_time is None else new,
        relaxation_clock=None if params.relaxation_noise is None else new,
        deviate=_first_deviate(params, traits, zeros),
        telegraph=_traps(params, traits, weight),
        temperature=params.temperature if is_thermal(params) else None,
        iterations=jnp.zeros(weight.shape, jnp.int32) if is_programmed(params) else None,
        is_pair=is_pair,
    )
    has_noise = has_write_noise(params)
    shown = weight if made.telegraph is None else made.telegraph.seen_later
    shown = warmed(params, made.temperature, shown, _above(params, traits, shown))
    if made.telegraph is not None:
        made = made.replace(telegraph=made.telegraph.replace(seen_later=shown))
    return made.replace(
        seen=shown if made.is_moving or has_noise else None,
        offset=zeros if made.is_moving and has_noise else None,
    )


def tester_pulses(params: DeviceParams) -> Int[Array, ""] | None:
    """Returns how often every cell is pulsed before it is first used; None: never."""
    return None if params.zero_shift is None else 2 * params.zero_shift.astype(jnp.int32)


def read(cell: CellState) -> Float[Array, "*array"]:
    """Returns the (*array) weight that the network sees [w.u.]."""
    seen = cell.weight if cell.seen is None else cell.seen
    return (seen[0] - seen[1]) / 2 if cell.is_pair else seen


def bounded(
    params: DeviceParams, weight: Float[Array, "*cells"], traits: Traits = ALIKE
) -> Float[Array, "*cells"]:
    """Clips to the window of each cell, where it has one."""
    low = params.weight_min if traits.weight_min is None else traits.weight_min
    high = params.weight_max if traits.weight_max is None else traits.weight_max
    if low is None and high is None:
        return weight
    if traits.reference is not None:
        # The window is the cell's own; the weight is what is left of it over the reference.
        return jnp.clip(weight + traits.reference, low, high) - traits.reference
    return jnp.clip(weight, low, high)


def zero_signal(params: DeviceParams) -> Leaf:
    """Returns the weight at which a cell conducts nothing [w.u.]; zero weight if not known."""
    known = params.zero_signal_weight
    return jnp.zeros((), jnp.float32) if known is None else known


def conducted(traits: Traits, weight: Float[Array, "*cells"]) -> Float[Array, "*cells"]:
    """Returns the (*cells) weight that a cell alone conducts, before its reference [w.u.]."""
    return weight if traits.reference is None else weight + traits.reference


def one_sided(params: DeviceParams, difference: Float[Array, "*array"]) -> Float[Array, "2 *array"]:
    """Returns the weights of a pair of which one cell carries all of the difference [w.u.]."""
    return given(params.weight_min) + jnp.maximum(jnp.stack([difference, -difference]), 0)


def is_programmed(params: DeviceParams) -> bool:
    """Tells whether writes are program-verify, not pulses."""
    return not (
        params.levels is None
        and params.programming_noise is None
        and params.programming_noise_saturation is None
    )


def has_write_noise(params: DeviceParams) -> bool:
    """Tells whether the network sees other weights than cells keep, fresh at each write."""
    return params.write_noise is not None or params.write_noise_relative is not None


def _first_deviate(
    params: DeviceParams, traits: Traits, zeros: Float[Array, "*cells"]
) -> Leaf | None:
    if params.relaxation_noise is None:
        return None
    return zeros if traits.deviate is None else traits.deviate


def _traps(
    params: DeviceParams, traits: Traits, weight: Float[Array, "*cells"]
) -> Telegraph | None:
    if not has_traps(params):
        return None
    is_high = jnp.zeros(weight.shape, bool) if traits.is_high is None else traits.is_high
    seen = weight + shift(params, traits, _above(params, traits, weight), is_high)
    return Telegraph(is_high=is_high, is_high_later=is_high, seen_later=seen)


def _above(
    params: DeviceParams, traits: Traits, weight: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    return conducted(traits, weight) - zero_signal(params)


def middle(params: DeviceParams) -> Leaf:
    """Returns the weight of both cells of a pair that stands for nothing [w.u.]."""
    if params.weight_min is None or params.weight_max is None:
        return jnp.zeros((), jnp.float32)
    return (params.weight_min + params.weight_max) / 2
