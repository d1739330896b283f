"""Random numbers by name: every draw is a pure function of (seed, stream, event, array)."""

from enum import IntEnum

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, UInt32

from neuromgd.normal import box_muller
from neuromgd.philox import PHILOX, child_keys, is_philox, word_pairs
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
    READ = 10
    READ_REFERENCE = 11
    TEST = 12
    BROADCAST = 13
    STORAGE_FLIP = 14
    STORAGE = 15
    ACCUMULATOR = 16
    RECEPTION = 17
    DROP = 18
    KICK = 19
    NEURON_GAIN = 40
    NEURON_SLOPE = 41
    NEURON_SHIFT = 42
    NEURON_OFFSET = 43
    CHIP_DROP = 44
    PROGRAM = 20
    VERIFY = 21
    UPDATE_COMMON = 22
    STEP_SPREAD = 23
    ASYMMETRY_SPREAD = 24
    MINIMUM_SPREAD = 25
    MAXIMUM_SPREAD = 26
    REFERENCE_SPREAD = 27
    NONLINEARITY_SPREAD = 28
    TABLE = 29
    STUCK = 30
    STUCK_WEIGHT = 31
    ENDURANCE_SPREAD = 32
    DRIFT_SPREAD = 33
    LEAK_SPREAD = 34
    ASYMMETRY_AMPLITUDE = 35
    MULTIPLIER_GAIN = 36
    MULTIPLIER_OFFSET = 37
    RECEPTION_GAIN = 38
    REFRESH = 60
    RESIDUE = 61
    RESIDUE_NOISE = 62
    NONLINEARITY_DOWN_SPREAD = 63
    READ_SHARED = 64
    ZERO_SHIFT = 65
    SLOW = 66
    CLEAR = 67
    TRANSFER_READ = 68
    TELEGRAPH = 80
    TELEGRAPH_LATER = 81
    TELEGRAPH_SPREAD = 82
    TELEGRAPH_TRAP = 83
    TELEGRAPH_TIME_SPREAD = 84
    TELEGRAPH_START = 85
    RELAXATION = 86
    RELAXATION_START = 87
    ADC_GAIN = 88
    ADC_OFFSET = 89
    POWER_SPREAD = 90
    RULE = 100
    DISTURBANCE = 110
    ERROR_ACCUMULATOR = 120


# The generators that a root key can be of.
GENERATORS = {"philox": PHILOX, "threefry": "threefry2x32"}


def root_key(seed: int, chip: Int[Array, ""] | int, generator: str = "philox") -> Key[Array, ""]:
    """Returns the key of all that is random on one chip.

    Args:
        seed: Of the run.
        chip: Number of the chip: it is the same in an ensemble of any size.
        generator: A name in ``GENERATORS``.
    """
    return jax.random.fold_in(jax.random.key(seed, impl=GENERATORS[generator]), chip)


def stream(key: Key[Array, ""], which: Stream, event: Int[Array, ""] | int = 0) -> Key[Array, ""]:
    """Returns the key of one event of one stream.

    Args:
        key: Root key of the chip.
        which: The source of noise.
        event: When: a timestep, a slot or a window, in the units that the source counts.
    """
    return _children(key, which, event, 1)[0]


def each(key: Key[Array, ""], which: Stream, event: Int[Array, ""] | int, arrays: Arrays) -> Arrays:
    """Returns one key for every array, so that no two synapses ever share a draw.

    Args:
        key: Root key of the chip.
        which: The source of noise.
        event: When, as for ``stream``.
        arrays: Pytree with one leaf for each physical array.

    Returns:
        The same pytree of keys.
    """
    structure = jax.tree.structure(arrays)
    keys = _children(key, which, event, structure.num_leaves)
    return jax.tree.unflatten(structure, [keys[index] for index in range(structure.num_leaves)])


def _children(
    key: Key[Array, ""], which: Stream, event: Int[Array, ""] | int, count: int
) -> Key[Array, " count"]:
    index = jnp.arange(count, dtype=jnp.uint32) + jnp.uint32(which << 16)
    if not is_philox(key):
        at_event = jax.random.fold_in(key, event)
        return jax.vmap(lambda i: jax.random.fold_in(at_event, i))(index)
    # One mix for all arrays: (event, stream, array) is a counter, so no two children are equal.
    children = child_keys(jax.random.key_data(key), jnp.asarray(event).astype(jnp.uint32), index)
    return jax.random.wrap_key_data(once(children), impl=PHILOX)


def normal(key: Key[Array, ""], shape: tuple[int, ...] = ()) -> Float[Array, "*shape"]:
    """Returns (*shape) independent standard normals."""
    if not is_philox(key):
        return jax.random.normal(key, shape, jnp.float32)
    return box_muller(*word_pairs(jax.random.key_data(key), shape))


def uniform(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    """Returns (*shape) independent numbers, uniform on [0, 1), drawn once for all their readers."""
    words = once(jax.random.bits(key, shape, jnp.uint32))
    return (words >> 8).astype(jnp.float32) * jnp.float32(2.0**-24)


def once(words: UInt32[Array, "*shape"]) -> UInt32[Array, "*shape"]:
    """Returns the words unchanged, mixed once and not anew wherever they are used.

    XLA computes cheap integer arithmetic again in every loop that reads it, even for each of 32
    readers of one word, and drops an optimization barrier before it decides so. It never does that
    with a division; the code generator behind it sees that the divisor is 1, and drops that too.
    """
    if words.size == 0:
        return words
    bit = words.reshape(-1)[0] & jnp.uint32(1)
    one = jnp.uint32(1) + (bit & (bit ^ jnp.uint32(1)))
    return jax.lax.div(words, jnp.broadcast_to(one, words.shape))
