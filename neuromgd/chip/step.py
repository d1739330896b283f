"""One timestep of a chip that trains itself. Read this page first.

Time is counted in timesteps n = 0, 1, 2, … The sample changes every τ_x of them, the perturbation
every τ_p, and weights are written every τ_θ. Nothing here computes a gradient: two forward
passes, one number on the bus, and what every synapse can do with its own two.
"""

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int

from neuromgd.bus.broadcast import broadcast
from neuromgd.bus.meter import accumulate, mean_delta, read_cost, reset
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.passes import baseline_costs, compare, span
from neuromgd.chip.update import update
from neuromgd.data.sample import Sample
from neuromgd.randomness import Stream
from neuromgd.synapse.learn import collect
from neuromgd.synapse.perturb import applied, perturb
from neuromgd.typing import Leaf


class Timestep(struct.PyTreeNode, kw_only=True):
    """What an observer notes of one timestep: its cost, and |ΔC| if one was broadcast (else 0)."""

    cost: Leaf
    delta_cost: Leaf


def step(
    design: Design, params: ChipParams, tau: Tau, chip: Chip, n: Int[Array, ""], sample: Sample
) -> tuple[Chip, Timestep]:
    """Advances one chip by one timestep, in the order the hardware takes it.

    Args:
        design: What is built.
        params: How good the technology is.
        tau: Hold times of sample, perturbation and weights [timesteps]; traced.
        chip: The chip before.
        n: Number of this timestep.
        sample: The sample that is shown, (1, …) each.
    """
    # Every synapse takes and stores its perturbation.
    kick = perturb(design.code, params.synapse, weights(chip), chip.key, n // tau.perturbation)
    synapse = chip.synapse.replace(perturbation=kick)

    # Two forward passes: as it is, and with all synapses kicked at once.
    theta = weights(chip)
    kicked = applied(chip.traits.synapse, kick)
    cost_0 = baseline_costs(design, params, chip, theta, sample, n[None])
    passes = compare(design, params, chip, theta, kicked, sample, cost_0, n[None])
    cost, reference, perturbed = (cost[0] for cost in passes)

    # The meter reads both; a schedule may hold an old reading of the first.
    read = read_cost(params.bus, perturbed, chip.key, Stream.COST, n)
    fresh = read_cost(params.bus, reference, chip.key, Stream.COST_REFERENCE, n)
    is_fresh = design.baseline.latest(n, tau.sample, tau.update) == n
    held = jnp.where(is_fresh, fresh, chip.meter.cost_0)
    meter = accumulate(chip.meter.replace(cost_0=held), (read - held) / span(design))
    chip = chip.replace(synapse=synapse, meter=meter)

    # One number goes to all synapses, and each correlates it with what it stored.
    is_heard = (design.broadcast == "timestep") | ((n + 1) % tau.perturbation == 0)
    delta_cost = mean_delta(meter)
    chip = when(is_heard, lambda c: hear(params, c, delta_cost, n), chip)

    # At the end of the window each writes itself.
    is_written = (n + 1) % tau.update == 0
    chip = when(is_written, lambda c: update(design, params, tau, c, n // tau.update), chip)
    return chip, Timestep(cost=cost, delta_cost=jnp.where(is_heard, abs(delta_cost), 0))


def hear(params: ChipParams, chip: Chip, delta_cost: Float[Array, ""], n: Int[Array, ""]) -> Chip:
    """Broadcasts one ΔC; every synapse adds its correlation with the stored perturbation."""
    heard = broadcast(params.bus, delta_cost, chip.traits.delta_range, chip.key, n)
    return chip.replace(
        synapse=collect(params.synapse, chip.synapse, heard), meter=reset(chip.meter)
    )


def when(is_due: Bool[Array, ""], event, chip: Chip) -> Chip:
    """Lets an event happen to the chip if it is due."""
    return jax.lax.cond(is_due, event, lambda unchanged: unchanged, chip)
