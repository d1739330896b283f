"""Accuracy: the share of samples whose class is told right."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuromgd.data.metrics.metric import Metric


def is_right(
    output: Float[Array, "*positions outputs"], target: Int[Array, "*positions"]
) -> Float[Array, ""]:
    """Returns 1 if the class is told right, else 0; of a sequence, the share of its positions.

    Args:
        output: The class is the largest of several outputs; a single one is held against ½.
        target: Class numbers.
    """
    if output.shape[-1] == 1:
        right = (output[..., 0] > 0.5) == (target > 0)
    else:
        right = jnp.argmax(output, axis=-1).astype(target.dtype) == target
    return jnp.mean(right.astype(jnp.float32))


def most_frequent(targets: np.ndarray) -> float:
    """Returns the share of the most frequent class."""
    return float(np.bincount(targets.reshape(-1)).max() / targets.size)


ACCURACY = Metric(
    "accuracy",
    "accuracy",
    "classes",
    of_sample=is_right,
    reduced=lambda mean, targets: mean,
    chance=most_frequent,
    is_higher_better=True,
    unit="%",
    factor=100.0,
    form=".2f",
)
