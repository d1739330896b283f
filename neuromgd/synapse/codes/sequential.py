"""One synapse at a time, in the order of the arrays: after a period it is a finite difference.

The one that is kicked is kicked by √P·Δθ, so that a perturbation of P synapses has the power of
any other code. After P slots Ĝ_i = (C(θ + δ e_i) − C(θ))/δ with δ = √P·Δθ.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): time division.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns √P for the one synapse of a perturbation slot, and 0 for all others."""
    del key
    leaves, structure = jax.tree.flatten(arrays)
    sizes = [math.prod(leaf.shape) for leaf in leaves]
    place, height = slot % max(sum(sizes), 1), jnp.float32(math.sqrt(sum(sizes)))
    patterns, first = [], 0
    for leaf, size in zip(leaves, sizes, strict=True):
        is_next = jnp.arange(first, first + size) == place
        patterns.append(jnp.where(is_next, height, 0).reshape(leaf.shape))
        first += size
    return jax.tree.unflatten(structure, patterns)


def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
    """Returns E‖Ĝ‖²/‖∇C‖² − 1 = b(P − b)/T² of T perturbations, b of them beyond whole periods.

    A synapse that was kicked n times estimates P·n/T times its slope: b of them one time more than
    the others.
    """
    slots = jnp.round(1 / per_slot)
    beyond = slots % synapses
    return beyond * (synapses - beyond) / slots**2


SEQUENTIAL = Code(
    draw,
    period=lambda synapses: synapses,
    excess=excess,
    largest=lambda synapses: math.sqrt(synapses),
    kicked=lambda synapses: 1,
)
