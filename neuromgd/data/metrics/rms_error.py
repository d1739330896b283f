"""Root mean square error, over samples and outputs."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromgd.data.metrics.metric import Metric


def squared_error(
    output: Float[Array, "*output"], target: Float[Array, "*target"]
) -> Float[Array, ""]:
    """Returns the mean over outputs of the squared error [target units²]."""
    return jnp.mean(jnp.square(output - target.reshape(output.shape)))


def deviation(targets: np.ndarray) -> float:
    """Returns the standard deviation of the targets, each output about its own mean."""
    return float(np.sqrt(targets.astype(float).var(axis=0).mean()))


RMS_ERROR = Metric(
    "rms_error",
    "RMS error",
    "values",
    of_sample=squared_error,
    reduced=lambda mean, targets: jnp.sqrt(mean),
    chance=deviation,
    is_higher_better=False,
)
