"""Time within a timestep: what its two passes find of cells whose traps fill and empty."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.machine import Machine
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.passing import later
from neuromgd.device.passing import waited as cells_waited
from neuromgd.device.telegraph import has_traps
from neuromgd.randomness import Stream, each
from neuromgd.typing import Arrays


def waited(machine: Machine, chip: Chip, n: Int[Array, ""], timesteps: int = 1) -> Chip:
    """Returns the chip at a timestep, whose cells have waited since their last reading.

    Args:
        machine: What is built, and how good the technology is.
        chip: The chip after its last reading.
        n: Number of the timestep, or of whatever it is that comes once in so many timesteps.
        timesteps: From the last reading on.
    """
    device, timestep = machine.params.device, machine.params.seconds_per_timestep
    if timestep is None or not has_traps(device):
        return chip
    between = jnp.minimum(pass_time(machine), timestep)
    seconds = timestep * timesteps - between
    theta = weights(chip)
    keys = (each(chip.key, which, n, theta) for which in (Stream.TELEGRAPH, Stream.TELEGRAPH_LATER))
    cells = over_arrays(
        lambda cell, own, *keys: cells_waited(device, own, cell, seconds, between, *keys),
        chip.cells, chip.traits.device, *keys,
    )  # fmt: skip
    return chip.replace(cells=cells)


def cells_at(machine: Machine, cells: Arrays, sign: float) -> Arrays:
    """Returns cells as the pass under a kick finds them.

    Args:
        machine: Its design says which pass is the first.
        cells: Of one timestep, under the kick.
        sign: 1, or −1 for the pass under the opposite kick.
    """
    reference = machine.design.reference
    is_second = (reference.side == 0 and reference.is_read) or sign < 0
    if not is_second or not has_traps(machine.params.device):
        return cells
    return over_arrays(later, cells)


def pass_time(machine: Machine) -> Float[Array, ""]:
    """Returns the time between the two passes of a timestep [s], never less than a reading."""
    device, timestep = machine.params.device, machine.params.seconds_per_timestep
    reading = jnp.zeros((), jnp.float32) if device.read_time is None else device.read_time
    apart = device.pass_time
    if apart is None:
        apart = reading if timestep is None else timestep / 2
    return jnp.maximum(apart, reading)
