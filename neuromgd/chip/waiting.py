"""Time within a timestep: what its two passes find of cells whose traps fill and empty."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import every_device, technologies
from neuromgd.device.cell import CellState
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.passing import later
from neuromgd.device.passing import waited as cells_waited
from neuromgd.device.technology import Technology
from neuromgd.device.telegraph import has_traps
from neuromgd.device.traits import Traits
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
    timestep = machine.params.seconds_per_timestep
    if timestep is None or not any(map(has_traps, every_device(machine))):
        return chip
    between = jnp.minimum(pass_time(machine), timestep)
    seconds = timestep * timesteps - between
    theta = weights(chip)
    keys = (each(chip.key, which, n, theta) for which in (Stream.TELEGRAPH, Stream.TELEGRAPH_LATER))

    def one(cell: CellState, own: Traits, kind: Technology, *keys: Key[Array, ""]) -> CellState:
        if not has_traps(kind.params):
            return cell
        return cells_waited(kind.params, own, cell, seconds, between, *keys)

    kinds = technologies(machine, chip.cells)
    cells = over_arrays(one, chip.cells, chip.traits.device, kinds, *keys)
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
    if not is_second or not any(map(has_traps, every_device(machine))):
        return cells
    return over_arrays(lambda cell: cell if cell.telegraph is None else later(cell), cells)


def pass_time(machine: Machine) -> Float[Array, ""]:
    """Returns the time between the two passes of a timestep [s], never less than a reading."""
    devices, timestep = every_device(machine), machine.params.seconds_per_timestep
    reading = jnp.zeros((), jnp.float32)
    for device in devices:
        reading = reading if device.read_time is None else jnp.maximum(reading, device.read_time)
    apart = next((one.pass_time for one in devices if one.pass_time is not None), None)
    if apart is None:
        apart = reading if timestep is None else timestep / 2
    return jnp.maximum(apart, reading)
