"""All timesteps of a window at once: weights stand still inside it, so the order is free.

Gives what a scan of ``step`` over the window gives, up to the order of float32 sums: noise is drawn
by name and timestep, never by a chain, so both see the same draws.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.bus.broadcast import broadcast
from neuromgd.bus.meter import read_cost
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.passes import baseline_costs, compare, span
from neuromgd.chip.record import Record
from neuromgd.chip.step import step
from neuromgd.chip.update import update
from neuromgd.data.sample import Sample
from neuromgd.randomness import Stream
from neuromgd.synapse.learn import collect
from neuromgd.synapse.perturb import applied, perturb
from neuromgd.synapse.state import SynapseState


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
    slots, held = tau.update // tau.perturbation, tau.perturbation
    n = number * tau.update + jnp.arange(tau.update)
    theta = weights(chip)
    shown = jnp.arange(tau.update) // tau.sample
    every = sample if tau.sample == 1 else jax.tree.map(lambda leaf: leaf[shown], sample)
    if params.network.is_noisy:
        # Every reading has its own noise; a held one has that of the timestep it was taken at.
        taken = design.baseline.latest(n, tau.sample, tau.update)
        cost_0 = baseline_costs(design, params, chip, theta, every, taken)
    else:
        cost_0 = baseline_costs(design, params, chip, theta, sample, n[:: tau.sample])
        cost_0 = None if cost_0 is None else cost_0[shown]
    timesteps = jax.tree.map(
        lambda leaf: leaf.reshape(slots, held, *leaf.shape[1:]), (every, cost_0)
    )

    def slot(synapse: SynapseState, timesteps) -> tuple[SynapseState, Record]:
        (sample, cost_0), n = timesteps
        kick = perturb(design.code, params.synapse, theta, chip.key, n[0] // held)
        kicked = applied(chip.traits.synapse, kick)
        cost, reference, perturbed = compare(design, params, chip, theta, kicked, sample, cost_0, n)
        delta = _deltas(design, params, tau, chip, n, reference, perturbed)
        if design.broadcast == "perturbation":
            delta, n = jnp.mean(delta, keepdims=True), n[-1:]
        heard = jax.vmap(
            lambda d, n: broadcast(params.bus, d, chip.traits.delta_range, chip.key, n)
        )(delta, n)
        collected = collect(params.synapse, synapse.replace(perturbation=kick), jnp.sum(heard))
        return collected.replace(received=synapse.received + len(heard)), Record(
            cost=jnp.mean(cost), delta_cost=jnp.mean(jnp.abs(delta))
        )

    scheduled = timesteps, n.reshape(slots, held)
    if slots == 1:
        # No loop, so that the compiler sees one straight line from the kick to the write.
        synapse, records = slot(chip.synapse, jax.tree.map(lambda leaf: leaf[0], scheduled))
    else:
        synapse, records = jax.lax.scan(slot, chip.synapse, scheduled)
    chip = update(design, params, tau, chip.replace(synapse=synapse), number)
    return chip, jax.tree.map(jnp.mean, records)


def _deltas(
    design: Design,
    params: ChipParams,
    tau: Tau,
    chip: Chip,
    n: Int[Array, " timesteps"],
    reference: Float[Array, " timesteps"],
    perturbed: Float[Array, " timesteps"],
) -> Float[Array, " timesteps"]:
    """Returns the (timesteps,) cost changes as the meter reads them."""
    read = jax.vmap(lambda cost, n: read_cost(params.bus, cost, chip.key, Stream.COST, n))
    read_reference = jax.vmap(
        lambda cost, n: read_cost(params.bus, cost, chip.key, Stream.COST_REFERENCE, n)
    )
    latest = design.baseline.latest(n, tau.sample, tau.update)
    return (read(perturbed, n) - read_reference(reference, latest)) / span(design)


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

    chip, noted = jax.lax.scan(one, chip, (n, shown))
    broadcasts = tau.update if design.broadcast == "timestep" else tau.update // tau.perturbation
    return chip, Record(
        cost=jnp.mean(noted.cost), delta_cost=jnp.sum(noted.delta_cost) / broadcasts
    )
