"""A learning rate for each array: the largest one as the rate, and what the others are of it."""

import jax.numpy as jnp

from neuromgd.network.network import Network
from neuromgd.plan.per_array import per_array, ratios
from neuromgd.synapse.state import SynapseParams

_OPTION = "learning.rates"


def with_rates(
    synapse: SynapseParams, text: str | None, network: Network, words: tuple[str, ...]
) -> SynapseParams:
    """Returns learning circuits whose arrays have rates of their own.

    Args:
        synapse: With one rate.
        text: A rate for each array, in the order of first calls, by commas; None: one for all.
        network: Forward pass.
        words: What every array kicks, or all of them.

    Raises:
        InputError: If one cannot be read, or they are not as many as arrays.
    """
    if text is None:
        return synapse
    rates = per_array(_OPTION, text, network, "rate", words)
    largest = max(rate for _, rate in rates)
    own = ratios(_OPTION, network, {one.path: rate / largest for one, rate in rates}, "rate")
    return synapse.replace(learning_rate=jnp.asarray(largest, jnp.float32), rate_ratios=own)
