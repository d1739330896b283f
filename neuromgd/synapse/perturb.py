"""The kick: what a synapse stores of it, and what it applies to its weight."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from neuromgd.randomness import Stream, each
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.state import SynapseParams, SynapseTraits
from neuromgd.typing import Arrays


def fabricate(params: SynapseParams, arrays: Arrays, key: Key[Array, ""]) -> SynapseTraits:
    """Draws how the learning circuits of one chip came out."""
    spread = params.amplitude_spread
    if spread is None:
        return SynapseTraits()
    keys = each(key, Stream.AMPLITUDE_SPREAD, 0, arrays)
    return SynapseTraits(
        amplitude_gain=jax.tree.map(
            lambda k, array: 1 + spread * jax.random.normal(k, array.shape, jnp.float32),
            keys,
            arrays,
        )
    )


def perturb(
    code: Code, params: SynapseParams, arrays: Arrays, key: Key[Array, ""], slot: Int[Array, ""]
) -> Arrays:
    """Returns the perturbation θ̃ = Δθ · code(slot) that every synapse stores [w.u.]."""
    return jax.tree.map(lambda sign: params.amplitude * sign, code.draw(key, arrays, slot))


def applied(traits: SynapseTraits, perturbation: Arrays) -> Arrays:
    """Returns what the stored perturbation really adds to each weight [w.u.].

    The circuit remembers θ̃ and applies θ̃(1+σξ): E[Ĝ_i] = (1+σξ_i)·∂C/∂θ_i.
    """
    if traits.amplitude_gain is None:
        return perturbation
    return jax.tree.map(jnp.multiply, perturbation, traits.amplitude_gain)
