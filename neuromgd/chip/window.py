"""All timesteps of a window at once: weights stand still inside it, so the order is free.

Gives what a scan of ``step`` over the window gives, up to the order of float32 sums: noise is drawn
by name and timestep, never by a chain, so both see the same draws.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.bus.meter import read_cost
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.hear import hear
from neuromgd.chip.kick import kicked
from neuromgd.chip.passes import compare, reference_costs, span
from neuromgd.chip.record import Record
from neuromgd.chip.step import step
from neuromgd.chip.together import at_samples, factored_costs, heard, is_factored
from neuromgd.chip.update import update
from neuromgd.data.sample import Sample
from neuromgd.randomness import Stream
from neuromgd.synapse.perturb import remembered
from neuromgd.synapse.state import SynapseState, at_rest
from neuromgd.typing import Arrays


def window(
    design: Design, tau: Tau, params: ChipParams, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Advances one chip by one window of τ_θ timesteps.

    Args:
        design: What is built.
        tau: Hold times [timesteps], Python integers: they are shapes here.
        params: How good the technology is.
        chip: The chip before.
        number: Number of the window, counted from 0.
        sample: (τ_θ/τ_x, …) the samples that are shown, in order.
    """
    if steps_instead(design, tau) is not None:
        return window_by_steps(design, tau, params, chip, number, sample)
    n = number * tau.update + jnp.arange(tau.update)
    every, cost_0 = _reference(design, tau, params, chip, sample, n)
    passes = _together if is_factored(design, params, chip, every) else _by_slots
    synapse, cells, record = passes(design, tau, params, chip, every, cost_0, n)
    chip = update(design, params, tau, chip.replace(cells=cells, synapse=synapse), number)
    return chip.replace(synapse=None), record


def steps_instead(design: Design, tau: Tau) -> str | None:
    """Returns what makes a window depend on its own past, so that only ``step`` can compute it."""
    if design.delay > 0:
        return "a delayed ΔC arrives in a later perturbation"
    if design.perturbation_element == "cell" and tau.perturbation < tau.update:
        return "every perturbation is written to the cells and leaves its trace"
    return None


def _reference(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chip: Chip,
    sample: Sample,
    n: Int[Array, " timesteps"],
) -> tuple[Sample, Float[Array, " timesteps"] | None]:
    """Returns the sample and the cost C0 of every timestep."""
    theta = weights(chip)
    shown = jnp.arange(tau.update) // tau.sample
    every = sample if tau.sample == 1 else jax.tree.map(lambda leaf: leaf[shown], sample)
    if params.network.is_noisy:
        # Every reading has its own noise; a held one has that of the timestep it was taken at.
        taken = design.reference.latest(n, tau.sample, tau.update)
        return every, reference_costs(design, params, chip, theta, every, taken)
    cost_0 = reference_costs(design, params, chip, theta, sample, n[:: tau.sample])
    return every, None if cost_0 is None else cost_0[shown]


def _by_slots(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chip: Chip,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[SynapseState, Arrays, Record]:
    """Runs one perturbation after the other, each with all its timesteps at once."""
    theta, held = weights(chip), tau.perturbation

    def slot(synapse: SynapseState, timesteps) -> tuple[SynapseState, Arrays, Record]:
        (sample, cost_0), n = timesteps
        number = n[0] // held
        kick = kicked(design, params, chip, number)
        passes = compare(design, params, chip, theta, kick, sample, cost_0, n)
        cost, delta, n = _deltas(design, params, tau, chip, n, passes)
        stored = remembered(params.synapse, kick.drawn, chip.key, number)
        synapse = synapse.replace(perturbation=stored)
        synapse = hear(design, params, tau, chip, synapse, delta, n)
        return synapse, kick.cells, Record(cost=cost, delta_cost=jnp.mean(jnp.abs(delta)))

    scheduled = jax.tree.map(
        lambda leaf: leaf.reshape(-1, held, *leaf.shape[1:]), ((sample, cost_0), n)
    )
    if held == tau.update:
        # No loop, so that the compiler sees one straight line from the kick to the write.
        return slot(at_rest(theta), jax.tree.map(lambda leaf: leaf[0], scheduled))

    def one(synapse: SynapseState, timesteps) -> tuple[SynapseState, Record]:
        synapse, _, record = slot(synapse, timesteps)
        return synapse, record

    synapse, records = jax.lax.scan(one, at_rest(theta), scheduled)
    return synapse, chip.cells, jax.tree.map(jnp.mean, records)


def _together(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chip: Chip,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[SynapseState, Arrays, Record]:
    """Runs all perturbations at once: none of them is ever a whole array."""
    held = tau.perturbation
    assert design.code.factors is not None
    factors = design.code.factors(chip.key, weights(chip), n[0] // tau.update, tau.update // held)
    each = at_samples(factors, held)
    passes = factored_costs(design, params, chip, each, sample, cost_0, n)
    by_slot = jax.tree.map(lambda leaf: leaf.reshape(-1, held), (n, passes))
    cost, delta, n = jax.vmap(lambda n, p: _deltas(design, params, tau, chip, n, p))(*by_slot)
    synapse = heard(params, chip, factors, delta, n)
    record = Record(cost=jnp.mean(cost), delta_cost=jnp.mean(jnp.abs(delta)))
    return synapse, chip.cells, record


def _deltas(
    design: Design,
    params: ChipParams,
    tau: Tau,
    chip: Chip,
    n: Int[Array, " held"],
    passes: tuple[Float[Array, " held"], Float[Array, " held"], Float[Array, " held"]],
) -> tuple[Float[Array, ""], Float[Array, " broadcasts"], Int[Array, " broadcasts"]]:
    """Returns the mean cost of a perturbation, the ΔC that it broadcasts, and when."""
    cost, reference, perturbed = passes
    read = jax.vmap(lambda cost, n: read_cost(params.bus, cost, chip.key, Stream.COST, n))
    read_reference = jax.vmap(
        lambda cost, n: read_cost(params.bus, cost, chip.key, Stream.COST_REFERENCE, n)
    )
    latest = design.reference.latest(n, tau.sample, tau.update)
    delta = (read(perturbed, n) - read_reference(reference, latest)) / span(design)
    if design.broadcast == "perturbation":
        return jnp.mean(cost), jnp.mean(delta, keepdims=True), n[-1:]
    return jnp.mean(cost), delta, n


def window_by_steps(
    design: Design, tau: Tau, params: ChipParams, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Does what ``window`` does, one timestep after the other."""
    n = number * tau.update + jnp.arange(tau.update)
    shown = jnp.arange(tau.update) // tau.sample
    traced = jax.tree.map(lambda t: jnp.asarray(t, jnp.int32), tau)

    def one(chip: Chip, timestep):
        n, index = timestep
        return step(design, params, traced, chip, n, jax.tree.map(lambda a: a[index][None], sample))

    ready = chip.replace(synapse=at_rest(weights(chip)))
    chip, noted = jax.lax.scan(one, ready, (n, shown))
    broadcasts = tau.update if design.broadcast == "timestep" else tau.update // tau.perturbation
    return chip.replace(synapse=None), Record(
        cost=jnp.mean(noted.cost), delta_cost=jnp.sum(noted.delta_cost) / broadcasts
    )
