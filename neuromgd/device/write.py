"""Writing a cell: a requested change becomes pulses, the pulses a change, and noise joins it."""

from collections.abc import Mapping

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.device import program
from neuromgd.device.cell import CellState, Clock, bounded, is_programmed
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.response import Response, response
from neuromgd.device.retention import retained, seen
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.randomness import Stream, normal, uniform

Keys = Mapping[Stream, Key[Array, ""]]


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
    }
    return tuple(noise for noise, is_present in present.items() if is_present)


def pulse_count(
    step: Float[Array, ""],
    request: Float[Array, "*array"],
    rounding: str,
    key: Key[Array, ""],
) -> Float[Array, "*array"]:
    """Returns how many pulses stand for a requested change; their sign is its sign.

    Args:
        step: Size of one pulse [w.u.].
        request: (*array) requested change [w.u.].
        rounding: ``stochastic`` (E[count] · step = request) or ``nearest``.
        key: Key of this array and this write.
    """
    count = request / step
    if rounding == "stochastic":
        return jnp.floor(count + uniform(key, count.shape))
    return jnp.round(count)


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
    if cell.is_pair:
        request = jnp.stack([request, -request])
    before = retained(params, traits, cell)
    if is_programmed(params):
        weight, is_written, iterations = _program(rounding, params, before, request, by_name)
        if cell.iterations is not None:
            iterations = cell.iterations + jnp.where(is_written, iterations, 0)
    else:
        weight, is_written = _pulse(law, rounding, params, traits, before, request, by_name)
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
    return _settled(params, traits, cell, weight, is_written, by_name).replace(
        iterations=iterations
    )


def _pulse(
    law: Law,
    rounding: str,
    params: DeviceParams,
    traits: Traits,
    weight: Float[Array, "*cells"],
    request: Float[Array, "*cells"],
    keys: Keys,
) -> tuple[Float[Array, "*cells"], Bool[Array, "*cells"]]:
    """Returns the weight after the pulses that stand for a request, and who was pulsed."""
    pulsed = response(params, traits)
    if pulsed is None or law.is_continuous:
        return weight + request, request != 0
    count = pulse_count(given(params.update_step), request, rounding, keys[Stream.PULSE_ROUNDING])
    if params.pulses_per_write_max is not None:
        count = jnp.clip(count, -params.pulses_per_write_max, params.pulses_per_write_max)
    key = keys.get(Stream.CYCLE)
    if traits.reference is None:
        return _respond(law, pulsed, weight, count, key), count != 0
    own = weight + traits.reference
    return _respond(law, pulsed, own, count, key) - traits.reference, count != 0


def _respond(
    law: Law,
    pulsed: Response,
    weight: Float[Array, "*cells"],
    count: Float[Array, "*cells"],
    key: Key[Array, ""] | None,
) -> Float[Array, "*cells"]:
    if key is None:
        return law.pulses(pulsed, weight, count)[0]
    fresh = normal(key, weight.shape)
    if law.draw is not None:
        return law.draw(pulsed, weight, count, fresh)
    mean, variance = law.pulses(pulsed, weight, count)
    return mean if variance is None else mean + jnp.sqrt(variance) * fresh


def _program(
    rounding: str,
    params: DeviceParams,
    weight: Float[Array, "*cells"],
    request: Float[Array, "*cells"],
    keys: Keys,
) -> tuple[Float[Array, "*cells"], Bool[Array, "*cells"], Int[Array, "*cells"]]:
    """Returns the weight after program-verify, who was programmed, and in how many iterations."""
    if params.levels is None:
        aim, is_written = bounded(params, weight + request), request != 0
    else:
        step = program.level_step(params)
        count = pulse_count(step, request, rounding, keys[Stream.PULSE_ROUNDING])
        aim, is_written = program.target(params, weight, count), count != 0
    verify = keys.get(Stream.VERIFY, keys[Stream.PROGRAM])
    landed, iterations = program.land(params, aim, keys[Stream.PROGRAM], verify)
    return landed, is_written, iterations


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
    is_written: Bool[Array, "*cells"],
    keys: Keys,
) -> CellState:
    """Returns the cells after a write: clocks at zero and fresh write noise where it reached."""
    after = cell.replace(writes=cell.writes + is_written.astype(jnp.int32))
    noise = None
    if params.write_noise is not None:
        noise = params.write_noise * normal(keys[Stream.WRITE], weight.shape)
    if cell.drift_clock is None and cell.leak_clock is None:
        if noise is None or cell.seen is None:
            return after.replace(weight=weight)
        return after.replace(weight=weight, seen=jnp.where(is_written, weight + noise, cell.seen))
    # A cell that no pulse touched goes on from what was written to it before.
    after = after.replace(
        weight=jnp.where(is_written, weight, cell.weight),
        drift_clock=_restarted(cell.drift_clock, is_written),
        leak_clock=_restarted(cell.leak_clock, is_written),
    )
    if noise is not None and cell.offset is not None:
        after = after.replace(offset=jnp.where(is_written, noise, cell.offset))
    return after.replace(seen=seen(params, traits, after))


def _restarted(clock: Clock | None, is_written: Bool[Array, "*cells"]) -> Clock | None:
    if clock is None:
        return None
    return Clock(
        seconds=jnp.where(is_written, 0, clock.seconds),
        residue=jnp.where(is_written, 0, clock.residue),
    )
