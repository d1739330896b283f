"""A learning rate for each array: the largest one as the rate, and what the others are of it."""

import jax
import jax.numpy as jnp

from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.network.nodes import nodes
from neuromgd.synapse.state import SynapseParams
from neuromgd.typing import Arrays


def with_rates(synapse: SynapseParams, text: str | None, network: Network) -> SynapseParams:
    """Returns learning circuits whose arrays have rates of their own.

    Args:
        synapse: With one rate.
        text: A rate for each array, in the order of first calls, by commas; None: one for all.
        network: Forward pass.

    Raises:
        InputError: If one cannot be read, or they are not as many as arrays.
    """
    if text is None:
        return synapse
    rates = tuple(_read(text, word) for word in text.split(","))
    if network.inputs is None:
        raise InputError("network: to name its arrays, it has to tell the shape of its inputs")
    arrays = nodes(network)
    if len(rates) != len(arrays):
        named = ", ".join(one.name for one in arrays)
        raise InputError(
            f"option learning.rates: gives {len(rates)} rates, the network has {len(arrays)}"
            f" arrays: {named}"
        )
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    of_module = {one.path: rate for one, rate in zip(arrays, rates, strict=True)}
    ratios = _ratios(theta, of_module, largest := max(rates))
    return synapse.replace(learning_rate=jnp.asarray(largest, jnp.float32), rate_ratios=ratios)


def _read(text: str, word: str) -> float:
    try:
        rate = float(word)
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise InputError(f"option learning.rates = {text!r}: read {word!r}, expected a rate > 0")
    return rate


def _ratios(theta: Arrays, of_module: dict[tuple[str, ...], float], largest: float) -> Arrays:
    def ratio(path, _) -> jax.Array:
        module = tuple(str(getattr(key, "key", key)) for key in path[:-1])
        if module not in of_module:
            name = "/".join((*module, str(getattr(path[-1], "key", path[-1]))))
            raise InputError(
                f"option learning.rates: the weights {name} lie in no array; give one rate"
            )
        return jnp.asarray(of_module[module] / largest, jnp.float32)

    return jax.tree_util.tree_map_with_path(ratio, theta)
