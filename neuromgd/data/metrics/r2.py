"""R², the coefficient of determination: the share of the targets' variance that is explained."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.data.metrics.metric import Metric
from neuromgd.data.metrics.rms_error import squared_error


def explained(mean: Float[Array, ""], targets: Float[Array, "samples *target"]) -> Float[Array, ""]:
    """Returns 1 − (mean squared error)/(variance), both summed over outputs; 0: no variance."""
    about = targets - jnp.mean(targets, axis=0, keepdims=True)
    variance = jnp.mean(jnp.square(about))
    safe = jnp.where(variance > 0, variance, 1)
    return jnp.where(variance > 0, 1 - mean / safe, 0)


R2 = Metric(
    "r2",
    "R²",
    "values",
    of_sample=squared_error,
    reduced=explained,
    chance=lambda targets: 0.0,
    is_higher_better=True,
    unit="",
)
