"""An amplitude for each array: the largest one of its kind, and what the others are of it."""

import jax.numpy as jnp

from neuromgd.network.network import Network
from neuromgd.options.modes import DELTA, FROZEN
from neuromgd.plan.per_array import per_array, ratios
from neuromgd.synapse.state import SynapseParams

_OPTION = "synapse.amplitudes"


def with_amplitudes(
    synapse: SynapseParams, text: str | None, network: Network, words: tuple[str, ...]
) -> SynapseParams:
    """Returns learning circuits whose arrays have amplitudes of their own.

    Args:
        synapse: With one amplitude of weights, and one of neurons.
        text: An amplitude for each array, in the order of first calls, by commas: of its weights
            [w.u.] or of its neurons [output units]; None: one for all.
        network: Forward pass.
        words: What every array kicks, or all of them: ``weight``, ``node`` or ``frozen``; or
            ``delta``.

    Raises:
        InputError: If one cannot be read, or they are not as many as arrays.
    """
    if text is None:
        return synapse
    # What learns by a delta rule is not kicked.
    still = tuple(FROZEN if word == DELTA else word for word in words)
    given = per_array(_OPTION, text, network, "amplitude", still)
    kinds = words * len(given) if len(words) == 1 else words
    told = list(zip(given, kinds, strict=False))
    largest = {kind: max(number for (_, number), own in told if own == kind) for kind in set(kinds)}
    # A frozen array has none, and a delta rule takes its products as they are.
    of_module = {
        one.path: 1.0 if kind == DELTA else number / (largest[kind] or 1.0)
        for (one, number), kind in told
    }
    one = lambda kind: jnp.asarray(largest[kind], jnp.float32) if kind in largest else None
    return synapse.replace(
        amplitude=one("weight") if "weight" in largest else synapse.amplitude,
        node_amplitude=one("node"),
        amplitude_ratios=ratios(_OPTION, network, of_module, "amplitude"),
    )
