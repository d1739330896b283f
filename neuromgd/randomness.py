"""Random numbers by name: every draw is a pure function of (seed, stream, event, array)."""

from enum import IntEnum

import jax
from jaxtyping import Array, Int, Key

from neuromgd.typing import Arrays


class Stream(IntEnum):
    """What is drawn. A number is never reused: a new noise source leaves all other draws alone."""

    INITIAL = 0
    ORDER = 1
    CODE = 2
    AMPLITUDE_SPREAD = 3
    COST = 4
    COST_REFERENCE = 5
    PULSE_ROUNDING = 6
    CYCLE = 7
    UPDATE = 8
    WRITE = 9
    ARRAY = 10


def stream(key: Key[Array, ""], which: Stream, event: Int[Array, ""] | int = 0) -> Key[Array, ""]:
    """Returns the key of one event of one stream.

    Args:
        key: Root key of the chip.
        which: The source of noise.
        event: When: a timestep, a slot or a window, in the units that the source counts.
    """
    return jax.random.fold_in(jax.random.fold_in(key, which), event)


def each(key: Key[Array, ""], arrays: Arrays) -> Arrays:
    """Returns one key for every array, so that no two synapses ever share a draw.

    Args:
        key: Key of one event.
        arrays: Pytree with one leaf for each physical array.

    Returns:
        The same pytree of keys.
    """
    leaves, structure = jax.tree.flatten(arrays)
    keys = [jax.random.fold_in(key, index) for index in range(len(leaves))]
    return jax.tree.unflatten(structure, keys)
