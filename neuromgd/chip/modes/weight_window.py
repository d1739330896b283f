"""Weight perturbation, all timesteps of a window at once.

Weights stand still inside a window, so the order of its timesteps is free. Gives what a scan of
``step`` over the window gives, up to the order of float32 sums: noise is drawn by name and
timestep, never by a chain, so both see the same draws.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.bus.meter import read_cost
from neuromgd.bus.reception import is_alike
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.factored import at_samples, factored_costs, heard, is_factored
from neuromgd.chip.frozen import learning
from neuromgd.chip.hear import hear
from neuromgd.chip.kick import kicked
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import Costs, compare, reference_costs, span
from neuromgd.chip.record import Record, noted
from neuromgd.data.sample import Sample
from neuromgd.randomness import Stream
from neuromgd.synapse.perturb import remembered
from neuromgd.synapse.state import SynapseState, at_rest
from neuromgd.typing import Arrays

# Weights whose kicks are drawn at once, so that they stay near the processor.
MOST = 2**19


def window(
    machine: Machine, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Does what ``neuromgd.chip.window.window`` does before the write."""
    n = number * machine.tau.update + jnp.arange(machine.tau.update)
    every, cost_0 = reference(machine, chip, sample, n)
    passes = _factored if is_factored(machine, chip, every) else _by_slots
    synapse, cells, record = passes(machine, chip, every, cost_0, n)
    return chip.replace(cells=cells, synapse=synapse), record


def reference(
    machine: Machine, chip: Chip, sample: Sample, n: Int[Array, " timesteps"]
) -> tuple[Sample, Float[Array, " timesteps"] | None]:
    """Returns the sample and the cost C0 of every timestep of a window."""
    theta, tau = weights(chip), machine.tau
    shown = jnp.arange(tau.update) // tau.sample
    every = sample if tau.sample == 1 else jax.tree.map(lambda leaf: leaf[shown], sample)
    if machine.params.network.is_noisy:
        # Every reading has its own noise; a held one has that of the timestep it was taken at.
        taken = machine.design.reference.latest(n, tau.sample, tau.update)
        return every, reference_costs(machine, chip, theta, every, taken)
    cost_0 = reference_costs(machine, chip, theta, sample, n[:: tau.sample])
    return every, None if cost_0 is None else cost_0[shown]


def _by_slots(
    machine: Machine,
    chip: Chip,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[SynapseState, Arrays, Record]:
    """Runs one perturbation after the other, each with all its timesteps at once."""
    theta, held = weights(chip), machine.tau.perturbation
    rest = at_rest(learning(machine.design, theta))

    def slot(synapse: SynapseState, timesteps) -> tuple[SynapseState, Arrays, Record]:
        (sample, cost_0), n = timesteps
        number = n[0] // held
        kick = kicked(machine, chip, number)
        passes = compare(machine, chip, theta, kick, sample, cost_0, n)
        cost, delta, n = deltas(machine, chip, n, passes)
        stored = remembered(machine.params.synapse, kick.drawn, chip.key, number)
        synapse = synapse.replace(perturbation=stored)
        synapse = hear(machine, chip, synapse, delta, n)
        return synapse, kick.cells, noted(cost, delta)

    scheduled = jax.tree.map(
        lambda leaf: leaf.reshape(-1, held, *leaf.shape[1:]), ((sample, cost_0), n)
    )
    if held == machine.tau.update:
        # No loop, so that the compiler sees one straight line from the kick to the write.
        return slot(rest, jax.tree.map(lambda leaf: leaf[0], scheduled))

    def one(synapse: SynapseState, timesteps) -> tuple[SynapseState, Record]:
        synapse, _, record = slot(synapse, timesteps)
        return synapse, record

    def some(synapse: SynapseState, timesteps) -> tuple[SynapseState, Record]:
        apart, records = jax.vmap(lambda own: one(rest, own))(timesteps)
        total = jax.tree.map(
            lambda sum, more: sum + jnp.sum(more, axis=0), _sums(synapse), _sums(apart)
        )
        return synapse.replace(gradient_sum=total[0], received=total[1]), records

    together = tried_at_once(machine, rest, machine.tau.update // held)
    if together > 1:
        scheduled = jax.tree.map(
            lambda leaf: leaf.reshape(-1, together, *leaf.shape[1:]), scheduled
        )
    synapse, records = jax.lax.scan(one if together == 1 else some, rest, scheduled)
    return synapse, chip.cells, jax.tree.map(jnp.mean, records)


def _sums(synapse: SynapseState) -> tuple[Arrays, Any]:
    return synapse.gradient_sum, synapse.received


def tried_at_once(machine: Machine, rest: SynapseState, slots: int) -> int:
    """Returns how many perturbations are tried at once: few enough that their kicks stay at hand.

    One at a time where it matters in which order synapses add what they hear.
    """
    params, size = machine.params, sum(one.size for one in jax.tree.leaves(rest.gradient_sum))
    is_sum = params.synapse.has_linear_accumulator and is_alike(params.bus)
    if not is_sum or machine.design.kernel != "plain":
        return 1
    most = min(slots, max(1, MOST // max(size, 1)))
    return next(count for count in range(most, 0, -1) if slots % count == 0)


def _factored(
    machine: Machine,
    chip: Chip,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[SynapseState, Arrays, Record]:
    """Runs all perturbations at once: none of them is ever a whole array."""
    design, tau, held = machine.design, machine.tau, machine.tau.perturbation
    assert design.code.factors is not None
    arrays = learning(design, weights(chip))
    factors = design.code.factors(chip.key, arrays, n[0] // tau.update, tau.update // held)
    each = at_samples(factors, held)
    passes = factored_costs(machine, chip, each, sample, cost_0, n)
    by_slot = jax.tree.map(lambda leaf: leaf.reshape(-1, held), (n, passes))
    cost, delta, n = jax.vmap(lambda n, p: deltas(machine, chip, n, p))(*by_slot)
    synapse = heard(machine, chip, factors, delta, n)
    record = noted(cost, delta)
    return synapse, chip.cells, record


def deltas(
    machine: Machine, chip: Chip, n: Int[Array, " held"], passes: Costs
) -> tuple[Float[Array, ""], Float[Array, " broadcasts"], Int[Array, " broadcasts"]]:
    """Returns the mean cost of a perturbation, the ΔC that it broadcasts, and when."""
    bus, tau = machine.params.bus, machine.tau
    read = jax.vmap(lambda cost, n: read_cost(bus, cost, chip.key, Stream.COST, n))
    read_reference = jax.vmap(
        lambda cost, n: read_cost(bus, cost, chip.key, Stream.COST_REFERENCE, n)
    )
    latest = machine.design.reference.latest(n, tau.sample, tau.update)
    delta = read(passes.perturbed, n) - read_reference(passes.reference, latest)
    delta = delta / span(machine)
    if machine.design.broadcast == "perturbation":
        return jnp.mean(passes.cost), jnp.mean(delta, keepdims=True), n[-1:]
    return jnp.mean(passes.cost), delta, n
