"""Writing a cell: pulses or programming change it, noise joins in, and time begins anew."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.device.cell import (
    CellState,
    Clock,
    bounded,
    conducted,
    has_write_noise,
    is_programmed,
    zero_signal,
)
from neuromgd.device.disturb import disturb
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.program import programmed
from neuromgd.device.pulse import Keys, pulsed
from neuromgd.device.refresh import pair_request, refreshed
from neuromgd.device.retention import retained, shown
from neuromgd.device.threshold import least_request
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.device.wear import alive, worn
from neuromgd.randomness import Stream, normal
from neuromgd.typing import Leaf


def write_noises(params: DeviceParams) -> tuple[Stream, ...]:
    """Returns what is drawn at a write, in the order of the keys that ``write`` takes."""
    is_pulsed = params.update_step is not None and not is_programmed(params)
    has_cycle_noise = is_pulsed and not (
        params.lookup is None
        and params.cycle_noise is None
        and params.cycle_noise_additive is None
        and params.cycle_noise_absolute is None
    )
    present = {
        Stream.PULSE_ROUNDING: is_pulsed or params.levels is not None,
        Stream.CYCLE: has_cycle_noise,
        Stream.PROGRAM: is_programmed(params),
        Stream.VERIFY: params.verify_tolerance is not None,
        Stream.UPDATE: not (params.update_noise is None and params.update_noise_relative is None),
        Stream.UPDATE_COMMON: params.update_noise_common is not None,
        Stream.WRITE: has_write_noise(params),
        Stream.RELAXATION: params.relaxation_noise is not None,
        Stream.REFRESH: params.refresh_upper is not None,
    }
    return tuple(noise for noise, is_present in present.items() if is_present)


def write(
    law: Law,
    rounding: str,
    params: DeviceParams,
    cell: CellState,
    request: Float[Array, "*array"],
    *keys: Key[Array, ""],
    traits: Traits = ALIKE,
) -> CellState:
    """Changes every cell of one array by what was requested, as well as its physics allows.

    Args:
        law: How the cells move when they are pulsed.
        rounding: How a request becomes whole pulses, see ``pulse_count``.
        params: Non-idealities of the cells.
        cell: The array before the write.
        request: (*array) requested change [w.u.].
        keys: Of this array and this write, one for each of ``write_noises(params)``.
        traits: How these cells came out.
    """
    by_name = dict(zip(write_noises(params), keys, strict=True))
    before = retained(params, traits, cell)
    least = least_request(law, params, cell, before)
    if least is not None:
        request = jnp.where(jnp.abs(request) < least, 0, request)
    if cell.is_pair:
        request = pair_request(params, request)
    if is_programmed(params):
        weight, is_written, iterations = programmed(rounding, params, before, request, by_name)
        if cell.iterations is not None:
            iterations = cell.iterations + jnp.where(is_written, iterations, 0)
        pulses = None
    else:
        weight, is_written, pulses = pulsed(
            law, rounding, params, traits, before, request, by_name, cell.temperature
        )
        iterations = None
    if Stream.UPDATE in by_name:
        above = _above(params, traits, weight)
        sigma = given(_spread(params.update_noise, params.update_noise_relative, above))
        weight = weight + sigma * normal(by_name[Stream.UPDATE], weight.shape)
    if params.update_noise_common is not None:
        weight = weight + params.update_noise_common * normal(by_name[Stream.UPDATE_COMMON], ())
    is_alive, window = alive(params, traits, cell), worn(params, traits, cell)
    if is_alive is not None:
        is_written = is_written & is_alive
    weight = bounded(params, weight, window)
    if by_name or is_alive is not None or window is not traits:
        # A cell that no pulse touched is not written: it neither moves nor changes what is seen.
        weight = jnp.where(is_written, weight, before)
    if params.write_disturb is not None:
        pulses = jnp.where(is_written, jnp.sign(request) if pulses is None else pulses, 0)
        cell, weight = _disturbed(params, window, cell, weight, pulses, is_alive)
    writes = is_written.astype(jnp.int32)
    if cell.is_pair and Stream.REFRESH in by_name:
        key = by_name[Stream.REFRESH]
        weight, extra = refreshed(params, window, weight, is_alive, key)
        writes = writes + extra
    return _settled(params, traits, cell, weight, writes, by_name).replace(iterations=iterations)


def _disturbed(
    params: DeviceParams,
    window: Traits,
    cell: CellState,
    weight: Float[Array, "*cells"],
    pulses: Float[Array, "*cells"],
    is_alive: Bool[Array, "*cells"] | None,
) -> tuple[CellState, Float[Array, "*cells"]]:
    """Returns the cells, and their weight after a write, moved by the pulses of neighbours."""
    change = disturb(params, pulses, cell.is_pair)
    if is_alive is not None:
        change = jnp.where(is_alive, change, 0)
    # What a cell kept before moves too: one that was not written goes on from there.
    kept = bounded(params, cell.weight + change, window)
    seen = None if cell.seen is None else cell.seen + (kept - cell.weight)
    return cell.replace(weight=kept, seen=seen), bounded(params, weight + change, window)


def _spread(absolute: Leaf | None, relative: Leaf | None, above: Leaf) -> Leaf | None:
    """Returns the σ of two noises of which one is told over the conductance [w.u.]; None: none."""
    if relative is None:
        return absolute
    own = jnp.abs(relative * above)
    return own if absolute is None else jnp.hypot(absolute, own)


def _above(params: DeviceParams, traits: Traits, weight: Float[Array, "*cells"]) -> Leaf:
    return conducted(traits, weight) - zero_signal(params)


def _settled(
    params: DeviceParams,
    traits: Traits,
    cell: CellState,
    weight: Float[Array, "*cells"],
    writes: Int[Array, "*cells"],
    keys: Keys,
) -> CellState:
    """Returns the cells after a write: clocks at zero and fresh write noise where it reached."""
    after = cell.replace(writes=cell.writes + writes)
    if not cell.is_moving and cell.seen is None:
        return after.replace(weight=weight)
    is_written, noise = writes > 0, None
    if Stream.WRITE in keys:
        above = _above(params, traits, weight)
        sigma = given(_spread(params.write_noise, params.write_noise_relative, above))
        noise = sigma * normal(keys[Stream.WRITE], weight.shape)
    if not cell.is_moving:
        fresh = weight if noise is None else weight + noise
        return after.replace(weight=weight, seen=jnp.where(is_written, fresh, given(cell.seen)))
    # A cell that no pulse touched goes on from what was written to it before.
    after = after.replace(
        weight=jnp.where(is_written, weight, cell.weight),
        drift_clock=_restarted(cell.drift_clock, is_written),
        leak_clock=_restarted(cell.leak_clock, is_written),
        relaxation_clock=_restarted(cell.relaxation_clock, is_written),
    )
    if cell.deviate is not None:
        fresh = normal(keys[Stream.RELAXATION], weight.shape)
        after = after.replace(deviate=jnp.where(is_written, fresh, cell.deviate))
    if noise is not None and cell.offset is not None:
        after = after.replace(offset=jnp.where(is_written, noise, cell.offset))
    return shown(params, traits, after)


def _restarted(clock: Clock | None, is_written: Bool[Array, "*cells"]) -> Clock | None:
    if clock is None:
        return None
    return Clock(
        seconds=jnp.where(is_written, 0, clock.seconds),
        residue=jnp.where(is_written, 0, clock.residue),
    )
