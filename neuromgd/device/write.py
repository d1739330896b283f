"""Writing a cell: pulses or programming change it, noise joins in, and time begins anew."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.device.cell import CellState, Clock, bounded, is_programmed
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.program import programmed
from neuromgd.device.pulse import Keys, pulsed
from neuromgd.device.refresh import pair_request, refreshed
from neuromgd.device.retention import retained, shown
from neuromgd.device.threshold import least_request
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.randomness import Stream, normal


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
        Stream.UPDATE: params.update_noise is not None,
        Stream.UPDATE_COMMON: params.update_noise_common is not None,
        Stream.WRITE: params.write_noise is not None,
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
    else:
        weight, is_written = pulsed(law, rounding, params, traits, before, request, by_name)
        iterations = None
    if params.update_noise is not None:
        weight = weight + params.update_noise * normal(by_name[Stream.UPDATE], weight.shape)
    if params.update_noise_common is not None:
        weight = weight + params.update_noise_common * normal(by_name[Stream.UPDATE_COMMON], ())
    is_alive = _alive(params, traits, cell)
    if is_alive is not None:
        is_written = is_written & is_alive
    weight = bounded(params, weight, traits)
    if by_name or is_alive is not None:
        # A cell that no pulse touched is not written: it neither moves nor changes what is seen.
        weight = jnp.where(is_written, weight, before)
    writes = is_written.astype(jnp.int32)
    if cell.is_pair and Stream.REFRESH in by_name:
        key = by_name[Stream.REFRESH]
        weight, extra = refreshed(params, traits, weight, is_alive, key)
        writes = writes + extra
    return _settled(params, traits, cell, weight, writes, by_name).replace(iterations=iterations)


def _alive(params: DeviceParams, traits: Traits, cell: CellState) -> Bool[Array, "*cells"] | None:
    """Tells which cells can still move; None: all."""
    endurance = params.endurance_cycles if traits.endurance is None else traits.endurance
    is_worn = None if endurance is None else cell.writes.astype(jnp.float32) >= endurance
    if traits.is_stuck is None:
        return None if is_worn is None else ~is_worn
    return ~traits.is_stuck if is_worn is None else ~(traits.is_stuck | is_worn)


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
    if params.write_noise is not None:
        noise = params.write_noise * normal(keys[Stream.WRITE], weight.shape)
    if not cell.is_moving:
        fresh = weight if noise is None else weight + noise
        return after.replace(weight=weight, seen=jnp.where(is_written, fresh, given(cell.seen)))
    # A cell that no pulse touched goes on from what was written to it before.
    after = after.replace(
        weight=jnp.where(is_written, weight, cell.weight),
        drift_clock=_restarted(cell.drift_clock, is_written),
        leak_clock=_restarted(cell.leak_clock, is_written),
    )
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
