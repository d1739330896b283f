"""Cross entropy of classes."""

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from neuromgd.bus.costs.cost import wanted


def cross_entropy(output: Float[Array, "*positions outputs"], target: Array) -> Float[Array, ""]:
    """Returns −log of the probability that softmax gives to the wanted class [nat].

    Args:
        output: (*positions, outputs) logits, at least two; the mean over positions is taken.
        target: (*positions) class numbers, or (*positions, outputs) probabilities.
    """
    each = optax.losses.softmax_cross_entropy(output, wanted(output, target))
    return jnp.mean(each) if each.ndim else each
