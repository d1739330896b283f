"""What a synapse has beside its memory cell: the learning circuit."""

from flax import struct

from neuromgd.typing import Arrays, Leaf


class SynapseParams(struct.PyTreeNode, kw_only=True):
    """How good the learning circuits are.

    Attributes:
        amplitude: () perturbation amplitude Δθ [w.u.].
        amplitude_spread: () σ between synapses of the applied amplitude [1]; None: all equal.
        learning_rate: () η [w.u.²/cost].
    """

    amplitude: Leaf
    amplitude_spread: Leaf | None = None
    learning_rate: Leaf


class SynapseTraits(struct.PyTreeNode, kw_only=True):
    """How the learning circuits of one chip came out.

    Attributes:
        amplitude_gain: arrays of 1 + σξ, applied over stored perturbation [1]; None: all 1.
    """

    amplitude_gain: Arrays | None = None


class SynapseState(struct.PyTreeNode, kw_only=True):
    """What every synapse keeps between timesteps.

    Attributes:
        perturbation: arrays of stored perturbations θ̃ [w.u.].
        gradient_sum: arrays of the running sum of ΔC·θ̃/Δθ² [cost/w.u.].
        received: () broadcasts in that sum [1].
    """

    perturbation: Arrays
    gradient_sum: Arrays
    received: Leaf
