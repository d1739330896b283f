"""All timesteps of a window: at once where the learning mode can, else one after the other."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.bus.clip import ClipState, ranged
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import Costs
from neuromgd.chip.record import Record
from neuromgd.chip.step import answered, step
from neuromgd.chip.technologies import every_device
from neuromgd.data.sample import Sample
from neuromgd.device.telegraph import has_traps
from neuromgd.errors import InputError


def window(
    machine: Machine, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Advances one chip by one window of τ_θ timesteps.

    Args:
        machine: What is built; its hold times are Python integers, for they are shapes here.
        chip: The chip before.
        number: Number of the window, counted from 0.
        sample: (τ_θ/τ_x, …) the samples that are shown, in order.

    Returns:
        The chip after, its circuits at rest if they were given, and the record of the window.
    """
    at_once = machine.design.mode.window
    if at_once is None or steps_because(machine) is not None:
        return window_by_steps(machine, chip, number, sample)
    after, record = at_once(machine, chip, number, sample)
    after = machine.design.mode.update(machine, after, number)
    after = after.replace(clip=_ranged(machine, chip, number, record))
    noted = record.replace(delta_square=None, filling=getattr(after.synapse, "filling", None))
    return _rested(machine, after, chip), noted


def _ranged(
    machine: Machine, chip: Chip, number: Int[Array, ""], record: Record
) -> ClipState | None:
    """Returns what the meter keeps after all broadcasts of a window at once."""
    if chip.clip is None:
        return None
    if record.delta_square is None:
        raise InputError("option bus.delta_clip: the learning mode notes no mean of ΔC²")
    heard = chip.clip.replace(squares=record.delta_square, broadcasts=jnp.ones((), jnp.int32))
    return ranged(machine.params.bus, heard, number)


def steps_because(machine: Machine) -> str | None:
    """Returns why the timesteps of a window are computed one after the other; None: they are not.

    Args:
        machine: What is built.
    """
    mode = machine.design.mode
    if mode.window is None:
        return mode.steps_because(machine) or "the learning mode has no other way"
    if any(map(has_traps, every_device(machine))):
        return "the traps of cells go on from reading to reading"
    return mode.steps_because(machine)


def window_by_steps(
    machine: Machine, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Does what ``window`` does, one timestep after the other."""
    shown = jnp.arange(machine.tau.update) // machine.tau.sample

    def one(machine: Machine, chip: Chip, n: Int[Array, ""], index: Int[Array, ""]):
        return step(machine, chip, n, jax.tree.map(lambda leaf: leaf[index][None], sample))

    return _scanned(machine, chip, number, one, shown)


def window_of_costs(
    machine: Machine, chip: Chip, number: Int[Array, ""], costs: Costs
) -> tuple[Chip, Record]:
    """Does what ``window`` does with the passes already run, by whatever it is.

    Args:
        machine: What is built; its kicks stay beside the cells.
        chip: The chip before.
        number: Number of the window, counted from 0.
        costs: (τ_θ,) each, of the passes of all timesteps [cost]; a reference that is not read anew
            may be any number.
    """

    def one(machine: Machine, chip: Chip, n: Int[Array, ""], passes: Costs):
        return answered(machine, chip, chip.cells, n, passes)

    return _scanned(machine, chip, number, one, costs)


def _scanned(
    machine: Machine, chip: Chip, number: Int[Array, ""], timestep: Callable, given: Any
) -> tuple[Chip, Record]:
    """Takes the timesteps of a window one by one: (machine, chip, n, given of n) -> chip, noted."""
    tau = machine.tau
    n = number * tau.update + jnp.arange(tau.update)
    traced = machine.replace(tau=jax.tree.map(lambda t: jnp.asarray(t, jnp.int32), tau))

    def one(chip: Chip, numbered):
        return timestep(traced, chip, *numbered)

    is_fresh = chip.synapse is None or not machine.design.mode.carries
    ready = chip.replace(synapse=_at_rest(machine, chip)) if is_fresh else chip
    after, noted = jax.lax.scan(one, ready, (n, given))
    is_often = machine.design.broadcast == "timestep"
    broadcasts = tau.update if is_often else tau.update // tau.perturbation
    record = Record(
        cost=jnp.mean(noted.cost),
        delta_cost=jnp.sum(noted.delta_cost) / broadcasts,
        filling=getattr(after.synapse, "filling", None),
    )
    return _rested(machine, after, chip), record


def _rested(machine: Machine, after: Chip, before: Chip) -> Chip:
    """Returns a chip between two windows: with circuits as it had them, or as its mode keeps."""
    if machine.design.mode.carries:
        return after
    is_kept = before.synapse is not None
    return after.replace(synapse=_at_rest(machine, after) if is_kept else None)


def _at_rest(machine: Machine, chip: Chip) -> Any:
    return machine.design.mode.at_rest(learning(machine.design, weights(chip)))
