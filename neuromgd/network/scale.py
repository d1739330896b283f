"""The read-out gain: how large a weight of the network one weight unit of a cell stands for."""

import jax
from jaxtyping import Array, Key

from neuromgd.network.network import Network
from neuromgd.typing import Arrays


def scaled(network: Network, weight_scale: float) -> Network:
    """Returns the network as cells hold it: θ in weight units, θ·scale in the forward pass.

    Args:
        network: Forward pass in its own weights.
        weight_scale: Network weight of a cell that holds 1 w.u. [1/w.u.].
    """
    if weight_scale == 1:
        return network

    def initialise(key: Key[Array, ""]) -> Arrays:
        return jax.tree.map(lambda weight: weight / weight_scale, network.initialise(key))

    def apply(theta: Arrays, x: Array) -> Array:
        return network.apply(jax.tree.map(lambda weight: weight * weight_scale, theta), x)

    scale = weight_scale * network.weight_scale
    return network._replace(initialise=initialise, apply=apply, weight_scale=scale)
