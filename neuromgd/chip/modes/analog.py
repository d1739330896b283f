"""Continuous time: no C0, no window that anything waits for; weights move at every timestep.

The meter has a high-pass in place of C0 (``neuromgd.bus.meter.high_passed``), every synapse a
low-pass in place of a sum:

    G ← G + (C̃·θ̃/Δθ² − G)/(τ_θ + 1),   θ ← θ − (η·s/τ_θ)·G   at every timestep

so that a rate moves weights in τ_θ timesteps by what a write of the discrete mode does. The
low-pass is the accumulator with a leak of 1/(τ_θ + 1) more: G is its sum over τ_θ + 1. A window of
τ_θ timesteps is what a history counts in, and when slow cells and the range of ΔC are moved.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): the analog algorithm.
"""

from functools import lru_cache

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.chip.chip import Chip
from neuromgd.chip.drifting import disturbed
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import Mode
from neuromgd.chip.modes.weight import WEIGHT
from neuromgd.chip.transfer import transferred
from neuromgd.chip.update import aged, asked, requested, written


@lru_cache(maxsize=64)  # equal ones are one mode, so that their runs share a program
def continuous(mode: Mode) -> Mode:
    """Returns a mode in which the same is kicked, but weights move at every timestep."""

    def learn(
        machine: Machine, chip: Chip, delta_cost: Float[Array, ""], n: Int[Array, ""]
    ) -> Chip:
        lasting = jnp.asarray(machine.tau.update, jnp.int32)
        kept = 1 - 1 / (lasting.astype(jnp.float32) + 1)
        faded = jax.tree.map(lambda total: kept * total, chip.synapse.gradient_sum)
        # What is heard now is the last of τ_θ + 1 that an estimate is the mean of.
        synapse = chip.synapse.replace(gradient_sum=faded, received=lasting)
        return moved(machine, mode.learn(machine, chip.replace(synapse=synapse), delta_cost, n), n)

    return mode._replace(
        learn=learn,
        update=_update,
        window=None,
        carries=True,
        steps_because=lambda machine: "weights move at every timestep",
        is_continuous=True,
    )


def _update(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    return disturbed(machine, transferred(machine, chip, window), window)


def moved(machine: Machine, chip: Chip, n: Int[Array, ""]) -> Chip:
    """Returns the chip at the end of timestep n, in which every weight has moved."""
    tau, window = machine.tau, n // machine.tau.update
    single = machine.replace(tau=tau._replace(update=1))
    chip = aged(single, chip, window)
    request, chip = requested(machine, chip, window, n)
    request = jax.tree.map(lambda one: one / jnp.asarray(tau.update, jnp.float32), request)
    request, chip = asked(single, chip, request, n)
    return written(single, chip, request, n)


ANALOG = continuous(WEIGHT)
