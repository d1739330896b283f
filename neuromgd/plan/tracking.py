"""From options to a world that does not stand still."""

from typing import Any

import jax
import jax.numpy as jnp

from neuromgd.chip.technologies import is_bias
from neuromgd.data.dataset import Dataset
from neuromgd.data.drifting import Drifting
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.options.tracking import TrackingConfig


def drifting(options: TrackingConfig, data: Dataset, network: Network) -> Drifting | None:
    """Returns what drifts; None: all stands still.

    Raises:
        InputError: If what is to drift is not there.
    """
    if options.period is None:
        return None
    if options.biases is not None:
        theta = jax.eval_shape(network.initialise, jax.random.key(0))
        if not any(is_bias(path) for path, _ in jax.tree_util.tree_leaves_with_path(theta)):
            raise InputError("option tracking.biases: no weights of the network are named bias")
    return Drifting(
        shape=options.shape,
        period=jnp.asarray(options.period, jnp.float32),
        weights=_leaf(options.weights),
        biases=_leaf(options.biases),
        angle=_leaf(options.angle),
        middle=None if options.angle is None else _middle(data),
        labels=None if options.labels is None else jnp.asarray(options.labels, jnp.int32),
        classes=None if options.labels is None else _classes(data),
    )


def _middle(data: Dataset) -> jax.Array:
    if data.has_tokens or data.scale is None or len(data.inputs) != 1 or data.inputs[0] < 2:
        raise InputError(
            f"option tracking.angle: turns pairs of a row of inputs, and one of {data.name} has the"
            f" shape {data.inputs}"
        )
    return jnp.asarray(data.train_x.astype(float).mean(0) * data.scale, jnp.float32)


def _classes(data: Dataset) -> jax.Array:
    if data.classes is None:
        raise InputError(f"option tracking.labels: the targets of {data.name} are no classes")
    return jnp.asarray(data.classes, jnp.int32)


def _leaf(value: float | None) -> Any:
    return None if value is None else jnp.asarray(value, jnp.float32)
