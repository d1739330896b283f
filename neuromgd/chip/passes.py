"""The forward passes of a timestep: the cost at θ, at θ + θ̃ and, where wanted, at θ − θ̃."""

import jax
from jaxtyping import Array, Float, Int, Key

from neuromgd.chip.chip import Chip, over_arrays
from neuromgd.chip.design import ChipParams, Design
from neuromgd.chip.kick import Kick
from neuromgd.chip.tiles import tiled
from neuromgd.data.sample import Sample
from neuromgd.device.read_noise import read_deviation
from neuromgd.network.forward import Extra, Product, forward
from neuromgd.randomness import Stream, stream
from neuromgd.typing import Arrays


def costs(
    design: Design,
    params: ChipParams,
    chip: Chip,
    theta: Arrays,
    sample: Sample,
    which: Stream,
    n: Int[Array, " samples"],
    extra: Extra | None = None,
    product: Product | None = None,
) -> Float[Array, " samples"]:
    """Returns the (samples,) cost of each sample under the given weights [cost].

    Args:
        design: What is built.
        params: How good the technology is.
        chip: Gives the converters and the key of the noise.
        theta: Arrays of weights [w.u.].
        sample: Samples along a leading axis.
        which: ``READ`` for the perturbed pass, ``READ_REFERENCE`` for the other one.
        n: (samples,) timestep of every reading.
        extra: What is added to the output of every array.
        product: What computes every array in place of its module.
    """
    keys = jax.vmap(lambda n: stream(chip.key, which, n))(n)
    outputs = read_out(design, params, chip, theta, sample.x, keys, extra, product)
    return jax.vmap(design.cost)(outputs, sample.y)


def read_out(
    design: Design,
    params: ChipParams,
    chip: Chip,
    theta: Arrays,
    x: Float[Array, "samples *input"],
    keys: Key[Array, " samples"],
    extra: Extra | None = None,
    product: Product | None = None,
) -> Float[Array, "samples *output"]:
    """Returns the (samples, *output) outputs that the chip gives for (samples, *input)."""
    deviation = None
    if params.network.weight_scale is not None:
        deviation = over_arrays(
            lambda cell, own: read_deviation(params.device, own, cell),
            chip.cells,
            chip.traits.device,
        )
    return forward(
        design.network,
        params.network,
        chip.traits.converters,
        theta,
        x,
        keys,
        deviation,
        extra,
        product,
        chip.key,
    )


def reference_costs(
    design: Design,
    params: ChipParams,
    chip: Chip,
    theta: Arrays,
    sample: Sample,
    n: Int[Array, " samples"],
) -> Float[Array, " samples"] | None:
    """Returns the (samples,) costs C0, or None where the design never measures them."""
    if design.reference.side != 0 or design.cost_difference == "exact":
        return None
    product = tiled(design, params, chip)
    return costs(design, params, chip, theta, sample, Stream.READ_REFERENCE, n, product=product)


def compare(
    design: Design,
    params: ChipParams,
    chip: Chip,
    theta: Arrays,
    kick: Kick,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
    n: Int[Array, " samples"],
) -> tuple[Float[Array, " samples"], Float[Array, " samples"], Float[Array, " samples"]]:
    """Runs the passes that a perturbation needs.

    Args:
        design: What is built.
        params: How good the technology is.
        chip: The chip that is read.
        theta: Arrays of weights [w.u.].
        kick: What the perturbation makes of them.
        sample: Samples along a leading axis.
        cost_0: (samples,) from ``reference_costs``.
        n: (samples,) timestep of every reading.

    Returns:
        (samples,) each: the cost at θ for the record (at θ ± θ̃ on average, for two-sided passes),
        the reference cost and the perturbed cost that the meter reads. With the ``exact``
        difference the latter two are told relative to the cost at θ, so that no digit is lost.
    """

    def at(
        weights: Arrays, product: Product | None = None, which: Stream = Stream.READ
    ) -> Float[Array, " samples"]:
        return costs(design, params, chip, weights, sample, which, n, product=product)

    if design.cost_difference == "exact":
        cost, slope = jax.jvp(at, (theta,), (kick.added,))
        return cost, design.reference.side * slope, slope
    plus = at(kick.plus, kick.plus_product)
    if cost_0 is not None:
        return cost_0, cost_0, plus
    minus = at(kick.minus, kick.minus_product, Stream.READ_REFERENCE)
    return (plus + minus) / 2, minus, plus


def span(design: Design) -> int:
    """Returns how many perturbations apart the two compared costs are: 1, or 2 if two-sided."""
    return 1 - design.reference.side
