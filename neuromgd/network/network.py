"""A network is a pair of pure functions: where its weights start, and the forward pass."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Key

from neuromgd.network.module_check import refuse_module
from neuromgd.typing import Arrays


class Network(NamedTuple):
    """The forward pass that the arrays of a chip compute.

    Attributes:
        initialise: key -> weights, a pytree with one leaf for each physical array.
        apply: (weights, x) -> outputs; both x and outputs have the samples as first axis.
        weight_scale: Weight of the arrays of one unit of theta.
        inputs: Shape of one input; None: it is not said, and not to be known without a sample.
        dtype: Type of the inputs.
    """

    initialise: Callable[[Key[Array, ""]], Arrays]
    apply: Callable[[Arrays, Array], Array]
    weight_scale: float = 1.0
    inputs: tuple[int, ...] | None = None
    dtype: Any = jnp.float32


def from_module(module: nn.Module, shape: tuple[int, ...], dtype: Any = jnp.float32) -> Network:
    """Makes a network of any Flax linen module.

    Args:
        module: Takes (samples, *shape); its only collection is ``params``.
        shape: Shape of one input.
        dtype: Type of the inputs: float32, or an integer for tokens.

    Raises:
        InputError: If the module keeps other state than weights (batch statistics, say), which an
            array of synapses does not have, or draws random numbers in a pass.
    """
    refuse_module(module, jax.ShapeDtypeStruct((1, *shape), dtype))

    def initialise(key: Key[Array, ""]) -> Arrays:
        return module.init(key, jnp.zeros((1, *shape), dtype))["params"]

    def apply(theta: Arrays, x: Array) -> Any:
        return module.apply({"params": theta}, x)

    return Network(initialise, apply, inputs=tuple(shape), dtype=dtype)
