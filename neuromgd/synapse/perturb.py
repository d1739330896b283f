"""The kick: what a synapse draws, what it applies to its weight, and what it remembers of it."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from neuromgd.converter import quantise
from neuromgd.randomness import Stream, each, normal
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.state import SynapseParams, SynapseTraits
from neuromgd.typing import Arrays, Leaf


def fabricate(
    params: SynapseParams, synapses: Arrays, kickers: Arrays, key: Key[Array, ""]
) -> SynapseTraits:
    """Draws how the learning circuits of one chip came out.

    Args:
        params: How good they are.
        synapses: Pytree of the chip's arrays, for their shapes.
        kickers: The same of what kicks: the synapses themselves, or some of their neurons.
        key: Root key of the chip.
    """

    def spread(arrays: Arrays, sigma: Leaf | None, which: Stream, mean: float) -> Arrays | None:
        if sigma is None:
            return None
        keys = each(key, which, 0, arrays)
        return jax.tree.map(
            lambda k, array: mean + sigma * normal(k, array.shape),
            keys,
            arrays,
        )

    traits = SynapseTraits(
        amplitude_gain=spread(kickers, params.amplitude_spread, Stream.AMPLITUDE_SPREAD, 1.0),
        amplitude_asymmetry=spread(
            kickers, params.amplitude_asymmetry_spread, Stream.ASYMMETRY_AMPLITUDE, 0.0
        ),
        multiplier_gain=spread(
            synapses, params.multiplier_gain_spread, Stream.MULTIPLIER_GAIN, 1.0
        ),
        multiplier_offset=spread(
            synapses, params.multiplier_offset_spread, Stream.MULTIPLIER_OFFSET, 0.0
        ),
    )
    if params.amplitude_ratios is None:
        return traits
    return _sized(traits, params.amplitude_ratios, synapses, kickers)


def _sized(
    traits: SynapseTraits, ratios: Arrays, synapses: Arrays, kickers: Arrays
) -> SynapseTraits:
    """Returns circuits whose arrays kick by ρ times the amplitude, and take their product by 1/ρ.

    Args:
        traits: As they came out.
        ratios: Arrays of () ρ, shaped as the weights.
        synapses: Arrays of weights.
        kickers: Of what kicks; neurons stand where the array in front of them would.
    """
    of_module = {path[:-1]: one for path, one in jax.tree_util.tree_leaves_with_path(ratios)}

    def times(arrays: Arrays, values: Arrays | None, power: int) -> Arrays:
        def one(path, array, *own: Array) -> Array:
            ratio = of_module[path if path in of_module else path[:-1]] ** power
            return ratio * own[0] if own else jnp.full(array.shape, ratio)

        trees = (arrays,) if values is None else (arrays, values)
        return jax.tree_util.tree_map_with_path(one, *trees)

    asymmetry = traits.amplitude_asymmetry
    return traits.replace(
        amplitude_gain=times(kickers, traits.amplitude_gain, 1),
        amplitude_asymmetry=None if asymmetry is None else times(kickers, asymmetry, 1),
        multiplier_gain=times(synapses, traits.multiplier_gain, -1),
    )


def perturb(
    code: Code, params: SynapseParams, arrays: Arrays, key: Key[Array, ""], slot: Int[Array, ""]
) -> Arrays:
    """Returns the perturbation θ̃ = Δθ · code(slot) of every synapse [w.u.]."""
    return jax.tree.map(lambda sign: params.amplitude * sign, code.draw(key, arrays, slot))


def applied(traits: SynapseTraits, perturbation: Arrays) -> Arrays:
    """Returns what a perturbation really adds to each weight, θ̃(1+σξ) + |θ̃|a [w.u.].

    The circuit remembers θ̃: E[Ĝ_i] = (1+σξ_i)·∂C/∂θ_i, and a kick of either sign is too high by
    the same Δθ·a_i.
    """
    kick = perturbation
    if traits.amplitude_gain is not None:
        kick = jax.tree.map(jnp.multiply, kick, traits.amplitude_gain)
    if traits.amplitude_asymmetry is not None:
        kick = jax.tree.map(
            lambda k, nominal, a: k + jnp.abs(nominal) * a,
            kick,
            perturbation,
            traits.amplitude_asymmetry,
        )
    return kick


def remembered(
    params: SynapseParams, perturbation: Arrays, key: Key[Array, ""], slot: Int[Array, ""]
) -> Arrays:
    """Returns what the circuits remember of a perturbation: noise, a converter, wrong signs [w.u.].

    Args:
        params: How good the learning circuits are.
        perturbation: Arrays of what was drawn [w.u.].
        key: Root key of the chip.
        slot: Number of the perturbation: the same memory whenever it is asked.
    """
    kept = perturbation
    if params.storage_noise is not None:
        sigma = params.storage_noise * params.amplitude
        keys = each(key, Stream.STORAGE, slot, perturbation)
        kept = jax.tree.map(lambda k, one: one + sigma * normal(k, one.shape), keys, kept)
    if params.storage_top is not None and params.storage_range is not None:
        top, full_scale = params.storage_top, params.storage_range * params.amplitude
        kept = jax.tree.map(lambda one: quantise(one, full_scale, top), kept)
    if params.storage_flip_rate is not None:
        rate, keys = params.storage_flip_rate, each(key, Stream.STORAGE_FLIP, slot, perturbation)
        kept = jax.tree.map(
            lambda k, one: jnp.where(jax.random.bernoulli(k, rate, one.shape), -one, one),
            keys,
            kept,
        )
    return kept
