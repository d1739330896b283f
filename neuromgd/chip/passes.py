"""The forward passes of a timestep: the cost at θ, at θ + θ̃ and, where wanted, at θ − θ̃."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.chip.design import Design
from neuromgd.data.sample import Sample
from neuromgd.typing import Arrays


def costs(design: Design, theta: Arrays, sample: Sample) -> Float[Array, " samples"]:
    """Returns the (samples,) cost of each sample under the given weights [cost]."""
    return jax.vmap(design.cost)(design.network.apply(theta, sample.x), sample.y)


def baseline_costs(
    design: Design, theta: Arrays, sample: Sample
) -> Float[Array, " samples"] | None:
    """Returns the (samples,) costs C0, or None where the design never measures them."""
    if design.baseline.side != 0 or design.cost_difference == "exact":
        return None
    return costs(design, theta, sample)


def compare(
    design: Design,
    theta: Arrays,
    kick: Arrays,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
) -> tuple[Float[Array, " samples"], Float[Array, " samples"], Float[Array, " samples"]]:
    """Runs the passes that a perturbation needs.

    Args:
        design: What is built.
        theta: Arrays of weights [w.u.].
        kick: Arrays of what the perturbation adds to them [w.u.].
        sample: Samples along a leading axis.
        cost_0: (samples,) from ``baseline_costs``.

    Returns:
        (samples,) each: the cost at θ for the record (at θ ± θ̃ on average, for two-sided passes),
        the reference cost and the perturbed cost that the meter reads. With the ``exact``
        difference the latter two are told relative to the cost at θ, so that no digit is lost.
    """

    def at(weights: Arrays) -> Float[Array, " samples"]:
        return costs(design, weights, sample)

    if design.cost_difference == "exact":
        cost, slope = jax.jvp(at, (theta,), (kick,))
        return cost, design.baseline.side * slope, slope
    plus = at(jax.tree.map(jnp.add, theta, kick))
    if cost_0 is not None:
        return cost_0, cost_0, plus
    minus = at(jax.tree.map(jnp.subtract, theta, kick))
    return (plus + minus) / 2, minus, plus


def span(design: Design) -> int:
    """Returns how many perturbations apart the two compared costs are: 1, or 2 if two-sided."""
    return 1 - design.baseline.side
