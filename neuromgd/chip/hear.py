"""Hearing: the one number on the bus becomes a correlation in every synapse."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.bus.broadcast import broadcast, reached
from neuromgd.bus.clip import clipped
from neuromgd.bus.reception import is_alike, receive
from neuromgd.chip.chip import Chip
from neuromgd.chip.machine import Machine
from neuromgd.randomness import Stream
from neuromgd.synapse.accumulator import held, leaked
from neuromgd.synapse.learn import collect
from neuromgd.synapse.state import SynapseState


def sent(
    machine: Machine, chip: Chip, delta_cost: Float[Array, " n"], n: Int[Array, " n"]
) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Returns the (n,) ΔC that reach the chip [cost], and (n,) 1, or 0 where it missed one.

    A ΔC that was late is clipped by the range of the window in which it arrives.

    Args:
        machine: How good the bus is.
        chip: Gives the range of the converter and the key of the noise.
        delta_cost: (n,) what the meter gave [cost].
        n: (n,) timesteps of the broadcasts.
    """
    bus = machine.params.bus
    delta_cost = clipped(bus, chip.clip, delta_cost)
    wire = jax.vmap(lambda d, n: broadcast(bus, d, chip.traits.delta_range, chip.key, n))(
        delta_cost, n
    )
    is_there = jax.vmap(lambda n: reached(bus, chip.key, n))(n)
    return wire * is_there, is_there


def hear(
    machine: Machine,
    chip: Chip,
    synapse: SynapseState,
    delta_cost: Float[Array, " n"],
    n: Int[Array, " n"],
) -> SynapseState:
    """Lets every synapse hear the broadcasts of one perturbation, in order.

    Args:
        machine: What is built, and how good the technology is.
        chip: The chip they are on.
        synapse: Their circuits, with the perturbation that the broadcasts belong to.
        delta_cost: (n,) what the meter gave [cost].
        n: (n,) timesteps they were sent at.
    """
    params = machine.params
    deltas, counts = sent(machine, chip, delta_cost, n)
    if len(n) == 1 or (is_alike(params.bus) and params.synapse.has_linear_accumulator):
        total = jnp.sum(deltas), jnp.sum(counts)
        return _collected(machine, chip, synapse, *total, n[0], len(n))

    def one(synapse: SynapseState, broadcast):
        delta, count, n = broadcast
        return _collected(machine, chip, synapse, delta, count, n, 1), None

    return jax.lax.scan(one, synapse, (deltas, counts, n))[0]


def _collected(
    machine: Machine,
    chip: Chip,
    synapse: SynapseState,
    delta: Float[Array, ""],
    count: Float[Array, ""],
    n: Int[Array, ""],
    broadcasts: int,
) -> SynapseState:
    design, params = machine.design, machine.params
    arrays = synapse.gradient_sum
    heard = receive(params.bus, chip.traits.reception, delta, count, arrays, chip.key, n)
    since = 1 if design.broadcast == "timestep" else machine.tau.perturbation
    circuit, rounding = params.synapse, design.accumulator_rounding
    synapse = synapse.replace(gradient_sum=leaked(circuit.accumulator_leak, arrays, since))
    synapse = collect(circuit, chip.traits.synapse, synapse, *heard, broadcasts)
    limit, top, total = circuit.accumulator_range, circuit.accumulator_top, synapse.gradient_sum
    total = held(limit, top, rounding, total, chip.key, Stream.ACCUMULATOR, n)
    return synapse.replace(gradient_sum=total)
