"""A network is a pair of pure functions: where its weights start, and the forward pass."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Key

from neuromgd.errors import InputError
from neuromgd.typing import Arrays


class Network(NamedTuple):
    """The forward pass that the arrays of a chip compute.

    Attributes:
        initialise: key -> weights, a pytree with one leaf for each physical array.
        apply: (weights, x) -> outputs; both x and outputs have the samples as first axis.
        weight_scale: Weight of the arrays of one unit of theta.
    """

    initialise: Callable[[Key[Array, ""]], Arrays]
    apply: Callable[[Arrays, Array], Array]
    weight_scale: float = 1.0


def from_module(module: nn.Module, shape: tuple[int, ...]) -> Network:
    """Makes a network of any Flax linen module.

    Args:
        module: Takes (samples, *shape); its only collection is ``params``.
        shape: Shape of one input.

    Raises:
        InputError: If the module keeps other state than weights (batch statistics, say), which
            an array of synapses does not have.
    """
    sample = jax.ShapeDtypeStruct((1, *shape), jnp.float32)
    collections = jax.eval_shape(module.init, jax.random.key(0), sample)
    if set(collections) != {"params"}:
        others = ", ".join(sorted(set(collections) - {"params"})) or "none"
        raise InputError(
            f"network {type(module).__name__}: a chip stores weights only (collection 'params'), "
            f"this module also has: {others}"
        )

    def initialise(key: Key[Array, ""]) -> Arrays:
        return module.init(key, jnp.zeros((1, *shape), jnp.float32))["params"]

    def apply(theta: Arrays, x: Array) -> Any:
        return module.apply({"params": theta}, x)

    return Network(initialise, apply)
