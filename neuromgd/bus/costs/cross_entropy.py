"""Cross entropy of classes."""

import optax
from jaxtyping import Array, Float

from neuromgd.bus.costs.cost import wanted


def cross_entropy(output: Float[Array, " outputs"], target: Array) -> Float[Array, ""]:
    """Returns −log of the probability that softmax gives to the wanted class [nat].

    Args:
        output: (outputs,) logits, at least two.
        target: () class number, or (outputs,) probabilities.
    """
    return optax.losses.softmax_cross_entropy(output, wanted(output, target))
