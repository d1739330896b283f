"""A window whose kicks are rows times columns: all its perturbations in one pass of matrices.

No array of weights is ever kicked: what a kick adds to the output of an array is a product of
vectors, and so is what it leaves in the sums of the synapses.
"""

from functools import reduce
from operator import getitem

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Int

from neuromgd.bus.reception import is_alike
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.frozen import learning
from neuromgd.chip.hear import sent
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import Costs, compared, costs
from neuromgd.data.sample import Sample
from neuromgd.network.factored import Spread, added_output
from neuromgd.network.forward import Extra
from neuromgd.network.survey import survey
from neuromgd.randomness import Stream
from neuromgd.synapse.learn import add, correlated
from neuromgd.synapse.state import SynapseState, at_rest
from neuromgd.typing import Arrays, Factors


def is_factored(machine: Machine, chip: Chip, sample: Sample) -> bool:
    """Tells whether the perturbations of a window never need to be whole arrays."""
    design, params = machine.design, machine.params
    x = sample.x
    return (
        design.code.factors is not None
        and design.perturbation_element == "volatile"
        and params.network.is_local
        and params.synapse.has_faithful_storage
        and params.synapse.has_linear_accumulator
        and is_alike(params.bus)
        and survey(design.network, x.shape[1:], x.dtype).takes_factors
    )


def factored_costs(
    machine: Machine,
    chip: Chip,
    factors: Arrays,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
    n: Int[Array, " samples"],
) -> Costs:
    """Does what ``passes.compare`` does, with a kick for every sample.

    Args:
        machine: What is built, and how good the technology is.
        chip: The chip that is read.
        factors: Pytree of ``Factors``, one pattern a sample.
        sample: Samples along a leading axis.
        cost_0: (samples,) from ``passes.reference_costs``.
        n: (samples,) timestep of every reading.
    """
    theta, amplitude = weights(chip), machine.params.synapse.amplitude

    def run(sign: float, size: Float[Array, ""], which: Stream = Stream.READ):
        extra = extra_of(machine, chip, factors, sign, size)
        return costs(machine, chip, theta, sample, which, n, extra)

    def slope() -> tuple[Float[Array, " samples"], Float[Array, " samples"]]:
        def along(size: Float[Array, ""]) -> Float[Array, " samples"]:
            if machine.design.reference.side == 0:
                return run(1.0, size)
            return (run(1.0, size) - run(-1.0, size)) / 2

        zero = jnp.zeros_like(amplitude)
        _, added = jax.jvp(along, (zero,), (amplitude,))
        return run(1.0, zero), added

    return compared(machine, cost_0, lambda sign, which: run(sign, amplitude, which), slope)


def extra_of(
    machine: Machine, chip: Chip, factors: Arrays, sign: float, size: Float[Array, ""]
) -> Extra:
    """Returns what a kick adds to the output of an array.

    Args:
        machine: What is built.
        chip: Gives the spreads of the kicks.
        factors: Pytree of ``Factors``, one pattern a sample.
        sign: 1, or −1 for the opposite kick.
        size: Amplitude [w.u.].
    """
    gains, asymmetries = (
        chip.traits.synapse.amplitude_gain,
        chip.traits.synapse.amplitude_asymmetry,
    )

    def extra(module: nn.Module, x: Array) -> Array | None:
        of_module = lambda tree: reduce(getitem, module.path, tree)
        kicks = of_module(factors)
        if not kicks:
            return None
        spreads = {
            name: Spread(
                None if gains is None else of_module(gains)[name],
                None if asymmetries is None else of_module(asymmetries)[name],
            )
            for name in kicks
        }
        return (
            machine.design.network.weight_scale
            * size
            * added_output(module, x, kicks, spreads, sign)
        )

    return extra


def heard(
    machine: Machine,
    chip: Chip,
    factors: Arrays,
    deltas: Float[Array, "slots broadcasts"],
    n: Int[Array, "slots broadcasts"],
) -> SynapseState:
    """Returns the learning circuits after all broadcasts of a window.

    Args:
        machine: What is built, and how good the technology is.
        chip: The chip they are on.
        factors: Pytree of ``Factors``, one pattern a slot.
        deltas: (slots, broadcasts) what the meter gave [cost].
        n: (slots, broadcasts) timesteps of the broadcasts.
    """
    theta = learning(machine.design, weights(chip))
    wire, is_there = sent(machine, chip, deltas.reshape(-1), n.reshape(-1))
    products = correlated(machine.params.synapse, factors, wire.reshape(deltas.shape).sum(1), theta)
    if chip.traits.reception is not None:
        products = jax.tree.map(jnp.multiply, products, chip.traits.reception)
    received = jax.tree.map(lambda _: jnp.sum(is_there), theta)
    return add(chip.traits.synapse, at_rest(theta), products, received, deltas.size)


def at_samples(factors: Arrays, held: int) -> Arrays:
    """Returns the patterns of slots for every sample of a window."""
    return jax.tree.map(
        lambda own: Factors(
            rows=jnp.repeat(own.rows, held, axis=0),
            columns=jnp.repeat(own.columns, held, axis=0),
            across=jnp.repeat(own.across, held, axis=1),
        ),
        factors,
        is_leaf=lambda leaf: isinstance(leaf, Factors),
    )
