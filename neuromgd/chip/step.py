"""One timestep of a chip that trains itself. Read this page first.

Time is counted in timesteps n = 0, 1, 2, … The sample changes every τ_x of them, the perturbation
every τ_p, and weights are written every τ_θ. Nothing here computes a gradient: two forward
passes, one number on the bus, and what every synapse can do with its own two.
"""

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int

from neuromgd.bus.clip import heard, ranged
from neuromgd.bus.line import travel
from neuromgd.bus.meter import (
    MeterState,
    accumulate,
    high_passed,
    mean_delta,
    read_cost,
    reset,
)
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import Costs, reference_costs, span
from neuromgd.chip.waiting import waited
from neuromgd.data.sample import Sample
from neuromgd.randomness import Stream
from neuromgd.typing import Arrays, Leaf


class Timestep(struct.PyTreeNode, kw_only=True):
    """What an observer notes of one timestep: its cost, and |ΔC| if one was broadcast (else 0)."""

    cost: Leaf
    delta_cost: Leaf


def step(machine: Machine, chip: Chip, n: Int[Array, ""], sample: Sample) -> tuple[Chip, Timestep]:
    """Advances one chip by one timestep, in the order the hardware takes it.

    Args:
        machine: What is built, how good the technology is, and what changes when.
        chip: The chip before, fresh from ``fabricate`` or from the timestep before.
        n: Number of this timestep.
        sample: The sample that is shown, (1, …) each.
    """
    mode, tau = machine.design.mode, machine.tau

    # Every synapse is kicked, all at once; a kick stays for τ_p timesteps.
    chip = waited(machine, chip, n)
    theta = weights(chip)
    kick = mode.kick(machine, chip, n // tau.perturbation)

    # Two forward passes: as it is, and with the kick. A synapse may note what it sees of them.
    taken = machine.design.reference.latest(n, tau.sample, tau.update)
    cost_0 = reference_costs(machine, chip, theta, sample, taken[None])
    passes, chip = mode.compare(machine, chip, theta, kick, sample, cost_0, n[None])
    costs = Costs(*(cost[0] for cost in passes))
    return answered(machine, chip, kick.cells, n, costs)


def answered(
    machine: Machine, chip: Chip, cells: Arrays, n: Int[Array, ""], costs: Costs
) -> tuple[Chip, Timestep]:
    """Ends a timestep: the costs of its passes become one number on the bus, and that a write.

    Args:
        machine: What is built.
        chip: The chip after its passes.
        cells: What the kick leaves of its cells.
        n: Number of this timestep.
        costs: () each, of its passes [cost].
    """
    design, tau, mode = machine.design, machine.tau, machine.design.mode
    meter = measured(machine, chip, n, costs)

    # At the end of a perturbation, or at once, one number is sent to all synapses.
    is_last = (n + 1) % tau.perturbation == 0
    is_sent = is_last if design.broadcast == "perturbation" else jnp.asarray(True)
    delta_cost = mean_delta(meter)
    line, arriving, is_heard = travel(chip.line, delta_cost, is_sent, n)
    chip = chip.replace(meter=meter, line=line)
    chip = when(is_sent, lambda c: sent(c, delta_cost), chip)
    chip = when(is_last, lambda c: c.replace(cells=cells), chip)

    # Each correlates what arrives with what it remembers of its kick.
    chip = when(is_heard, lambda c: mode.learn(machine, c, arriving, n), chip)

    # At the end of the window each writes itself.
    is_written = (n + 1) % tau.update == 0
    chip = when(is_written, lambda c: written(machine, c, n // tau.update), chip)
    return chip, Timestep(cost=costs.cost, delta_cost=jnp.where(is_sent, abs(delta_cost), 0))


def measured(machine: Machine, chip: Chip, n: Int[Array, ""], costs: Costs) -> MeterState:
    """Returns what the meter keeps after it has read both costs."""
    bus, tau, reference = machine.params.bus, machine.tau, machine.design.reference
    read = read_cost(bus, costs.perturbed, chip.key, Stream.COST, n)
    if not reference.is_read:
        return high_passed(bus, chip.meter, read, n % tau.sample == 0)

    # The reference reading may be an old one that is held.
    fresh = read_cost(bus, costs.reference, chip.key, Stream.COST_REFERENCE, n)
    is_fresh = reference.latest(n, tau.sample, tau.update) == n
    held = jnp.where(is_fresh, fresh, chip.meter.cost_0)
    return accumulate(chip.meter.replace(cost_0=held), (read - held) / span(machine))


def sent(chip: Chip, delta_cost: Float[Array, ""]) -> Chip:
    """Returns the chip after its meter gave a ΔC: the average begins anew."""
    return chip.replace(meter=reset(chip.meter), clip=heard(chip.clip, delta_cost))


def written(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Returns the chip after the end of a window: its cells are written, its ranges set."""
    chip = chip.replace(clip=ranged(machine.params.bus, chip.clip, window))
    return machine.design.mode.update(machine, chip, window)


def when(is_due: Bool[Array, ""], event, chip: Chip) -> Chip:
    """Lets an event happen to the chip if it is due."""
    return jax.lax.cond(is_due, event, lambda unchanged: unchanged, chip)
