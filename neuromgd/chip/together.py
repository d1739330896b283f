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
from neuromgd.chip.design import ChipParams, Design
from neuromgd.chip.hear import sent
from neuromgd.chip.passes import costs
from neuromgd.data.sample import Sample
from neuromgd.network.factored import Spread, added_output
from neuromgd.network.forward import Extra, is_all_arrays
from neuromgd.randomness import Stream
from neuromgd.synapse.learn import add, correlated
from neuromgd.synapse.state import SynapseState, at_rest
from neuromgd.typing import Arrays, Factors


def is_factored(design: Design, params: ChipParams, chip: Chip, sample: Sample) -> bool:
    """Tells whether the perturbations of a window never need to be whole arrays."""
    return (
        design.code.factors is not None
        and design.perturbation_element == "volatile"
        and params.network.is_local
        and params.synapse.has_faithful_storage
        and params.synapse.has_linear_accumulator
        and is_alike(params.bus)
        and is_all_arrays(design.network, weights(chip), sample.x)
    )


def factored_costs(
    design: Design,
    params: ChipParams,
    chip: Chip,
    factors: Arrays,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
    n: Int[Array, " samples"],
) -> tuple[Float[Array, " samples"], Float[Array, " samples"], Float[Array, " samples"]]:
    """Does what ``passes.compare`` does, with a kick for every sample.

    Args:
        design: What is built.
        params: How good the technology is.
        chip: The chip that is read.
        factors: Pytree of ``Factors``, one pattern a sample.
        sample: Samples along a leading axis.
        cost_0: (samples,) from ``passes.reference_costs``.
        n: (samples,) timestep of every reading.
    """
    theta = weights(chip)

    def at(sign: float, size: Float[Array, ""], which: Stream = Stream.READ):
        extra = _extra(design, chip, factors, sign, size)
        return costs(design, params, chip, theta, sample, which, n, extra)

    amplitude = params.synapse.amplitude
    if design.cost_difference == "exact":

        def along(size: Float[Array, ""]) -> Float[Array, " samples"]:
            if design.reference.side == 0:
                return at(1.0, size)
            return (at(1.0, size) - at(-1.0, size)) / 2

        zero = jnp.zeros_like(amplitude)
        _, slope = jax.jvp(along, (zero,), (amplitude,))
        return at(1.0, zero), design.reference.side * slope, slope
    plus = at(1.0, amplitude)
    if cost_0 is not None:
        return cost_0, cost_0, plus
    minus = at(-1.0, amplitude, Stream.READ_REFERENCE)
    return (plus + minus) / 2, minus, plus


def _extra(
    design: Design, chip: Chip, factors: Arrays, sign: float, size: Float[Array, ""]
) -> Extra:
    gains, asymmetries = (
        chip.traits.synapse.amplitude_gain,
        chip.traits.synapse.amplitude_asymmetry,
    )

    def extra(module: nn.Module, x: Array) -> Array:
        of_module = lambda tree: reduce(getitem, module.path, tree)
        kicks = of_module(factors)
        spreads = {
            name: Spread(
                None if gains is None else of_module(gains)[name],
                None if asymmetries is None else of_module(asymmetries)[name],
            )
            for name in kicks
        }
        return design.network.weight_scale * size * added_output(module, x, kicks, spreads, sign)

    return extra


def heard(
    params: ChipParams,
    chip: Chip,
    factors: Arrays,
    deltas: Float[Array, "slots broadcasts"],
    n: Int[Array, "slots broadcasts"],
) -> SynapseState:
    """Returns the learning circuits after all broadcasts of a window.

    Args:
        params: How good the technology is.
        chip: The chip they are on.
        factors: Pytree of ``Factors``, one pattern a slot.
        deltas: (slots, broadcasts) what the meter gave [cost].
        n: (slots, broadcasts) timesteps of the broadcasts.
    """
    theta = weights(chip)
    wire, is_there = sent(params, chip, deltas.reshape(-1), n.reshape(-1))
    products = correlated(params.synapse, factors, wire.reshape(deltas.shape).sum(1), theta)
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
