"""What a learning rule keeps beside every synapse, in a memory of few bits.

Running means of estimates are kept on signed codes up to a full scale R; running means of their
squares as their roots, on codes up to the same R. Rounding is stochastic: a mean that moves by less
than a code in a window moves all the same, on average.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from neuromgd.randomness import Stream
from neuromgd.synapse.accumulator import held
from neuromgd.synapse.state import SynapseParams

# Optax calls a mean of squares so.
_SQUARES = "nu"


def rounded(params: SynapseParams, state: Any, key: Key[Array, ""], window: Int[Array, ""]) -> Any:
    """Returns the state of a rule as its memories can hold it.

    Args:
        params: Give their full scale and largest code.
        state: Of the optax transformation.
        key: Root key of the chip.
        window: Number of the window.
    """
    if params.rule_range is None:
        return state
    leaves, structure = jax.tree_util.tree_flatten_with_path(state)
    # A counter of windows is one for the whole chip.
    places = [at for at, (_, leaf) in enumerate(leaves) if jnp.issubdtype(leaf.dtype, jnp.inexact)]
    is_square = [_SQUARES in (getattr(one, "name", "") for one in leaves[at][0]) for at in places]
    kept = [
        jnp.sqrt(leaves[at][1]) if square else leaves[at][1]
        for at, square in zip(places, is_square, strict=True)
    ]
    limit, top = params.rule_range, params.rule_top
    coded = held(limit, top, "stochastic", kept, key, Stream.RULE, window)
    every = [leaf for _, leaf in leaves]
    for at, square, code in zip(places, is_square, coded, strict=True):
        every[at] = jnp.square(code) if square else code
    return jax.tree.unflatten(structure, every)
