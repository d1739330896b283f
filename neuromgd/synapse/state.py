"""What a synapse has beside its memory cell: the learning circuit."""

import jax
import jax.numpy as jnp
from flax import struct

from neuromgd.typing import Arrays, Leaf


class SynapseParams(struct.PyTreeNode, kw_only=True):
    """How good the learning circuits are: one number for each effect, None for absence.

    Attributes:
        amplitude: () perturbation amplitude Δθ [w.u.].
        node_amplitude: () amplitude of the kicks of neurons [output units]; None: the same number.
        amplitude_spread: () σ between synapses of the applied amplitude [1].
        amplitude_asymmetry_spread: () σ between synapses of a, +Δθ(1+a) and −Δθ(1−a) [1].
        storage_flip_rate: () chance that a perturbation is remembered with the wrong sign [1].
        storage_noise: () σ of what is remembered, fresh for every perturbation [Δθ].
        storage_top: () largest code of the converter of what is remembered [1].
        storage_range: () full scale of that converter [Δθ].
        multiplier_gain_spread: () σ between synapses of the gain of ΔC·θ̃ [1].
        multiplier_offset_spread: () σ between synapses of what each product adds [cost/w.u.].
        accumulator_top: () largest code of the sum of products [1].
        accumulator_range: () full scale of that sum [cost/w.u.].
        accumulator_leak: () share λ of the sum that is lost in every timestep [1].
        residue_top: () largest code of the residue [1].
        residue_range: () full scale of the residue [w.u.].
        residue_leak: () share of the residue that is lost in every timestep [1].
        residue_noise: () σ that the residue takes on in every window [w.u.].
        rule_top: () largest code of what a learning rule keeps [1].
        rule_range: () full scale of that [cost/w.u.].
        write_share: () of the requests of an array, the largest ones, that are written [1].
        learning_rate: () η [w.u.²/cost].
        amplitude_ratios: Arrays of () own amplitudes over Δθ, or over that of neurons where an
            array kicks those, shaped as the weights [1]; None: all 1.
        rate_ratios: Arrays of () own rates over η, shaped as the weights [1]; None: all 1.
    """

    amplitude: Leaf
    node_amplitude: Leaf | None = None
    amplitude_spread: Leaf | None = None
    amplitude_asymmetry_spread: Leaf | None = None
    storage_flip_rate: Leaf | None = None
    storage_noise: Leaf | None = None
    storage_top: Leaf | None = None
    storage_range: Leaf | None = None
    multiplier_gain_spread: Leaf | None = None
    multiplier_offset_spread: Leaf | None = None
    accumulator_top: Leaf | None = None
    accumulator_range: Leaf | None = None
    accumulator_leak: Leaf | None = None
    residue_top: Leaf | None = None
    residue_range: Leaf | None = None
    residue_leak: Leaf | None = None
    residue_noise: Leaf | None = None
    rule_top: Leaf | None = None
    rule_range: Leaf | None = None
    write_share: Leaf | None = None
    learning_rate: Leaf
    amplitude_ratios: Arrays | None = None
    rate_ratios: Arrays | None = None

    @property
    def has_faithful_storage(self) -> bool:
        """Whether every synapse remembers just what was drawn."""
        effects = (self.storage_flip_rate, self.storage_noise, self.storage_top)
        return all(effect is None for effect in effects)

    @property
    def has_linear_accumulator(self) -> bool:
        """Whether the order in which products are added makes no difference."""
        effects = (self.accumulator_range, self.accumulator_leak)
        return all(effect is None for effect in effects)


class SynapseTraits(struct.PyTreeNode, kw_only=True):
    """How the learning circuits of one chip came out; None where all are alike.

    Attributes:
        amplitude_gain: arrays of 1 + σξ, applied over stored perturbation [1].
        amplitude_asymmetry: arrays of a, what a kick of either sign has too much [1].
        multiplier_gain: arrays of 1 + g, product over true product [1].
        multiplier_offset: arrays of o, what each product adds to the sum [cost/w.u.].
    """

    amplitude_gain: Arrays | None = None
    amplitude_asymmetry: Arrays | None = None
    multiplier_gain: Arrays | None = None
    multiplier_offset: Arrays | None = None


class SynapseState(struct.PyTreeNode, kw_only=True):
    """What every synapse keeps inside a window; a write clears it.

    Attributes:
        perturbation: arrays of stored perturbations θ̃ [w.u.].
        gradient_sum: arrays of the running sum of ΔC·θ̃/Δθ² [cost/w.u.].
        received: () broadcasts in that sum, or arrays of as many () numbers [1].
        filling: () how full the accumulators were at the last write, see ``neuromgd.chip.guard``.
    """

    perturbation: Arrays
    gradient_sum: Arrays
    received: Leaf
    filling: Leaf


def at_rest(arrays: Arrays) -> SynapseState:
    """Returns learning circuits that have stored and heard nothing."""
    zeros, none = jax.tree.map(jnp.zeros_like, arrays), jnp.zeros((), jnp.int32)
    return SynapseState(perturbation=zeros, gradient_sum=zeros, received=none, filling=none)
