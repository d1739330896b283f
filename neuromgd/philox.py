"""A random generator without memory: word i of a stream is a mix of its key and of i alone.

Philox-2×32 is elementwise integer arithmetic, so the compiler computes each word where it is
used and no array of random numbers is ever written to memory; JAX's own threefry is a loop on CPU.

References:
    Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011):
    round function, constants, and 7 rounds as the fewest that pass BigCrush.
"""

import math
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import define_prng_impl
from jaxtyping import Array, Key, UInt32

_MULTIPLIER = 0xD256D193
_WEYL = 0x9E3779B9
WORD_ROUNDS = 7
_KEY_ROUNDS = 10
# Words of one draw that no longer fit a cache.
LARGE = 2**20
# Child keys come from another Philox key than random words, so that no word is ever a key.
_CHILD = 0x5BD1E995


# Traced once for each shape, wherever it is used: it stands in every draw.
@partial(jax.jit, static_argnums=2)
def philox(
    counter: tuple[UInt32[Array, "*n"], UInt32[Array, "*n"]],
    key: UInt32[Array, ""],
    rounds: int,
) -> tuple[UInt32[Array, "*n"], UInt32[Array, "*n"]]:
    """Mixes a counter under a key.

    Args:
        counter: Two (*n) words.
        key: () word.
        rounds: 7 is the fewest that pass BigCrush, 10 the authors' default.

    Returns:
        Two (*n) words; for one key a bijection of the counter.
    """
    low, high = counter
    for _ in range(rounds):
        product_high, product_low = _multiply(low)
        low, high = product_high ^ key ^ high, product_low
        key = key + jnp.uint32(_WEYL)
    return low, high


def _multiply(word: UInt32[Array, "*n"]) -> tuple[UInt32[Array, "*n"], UInt32[Array, "*n"]]:
    # The processors all multiply 32 × 32 bits to 64; JAX hides 64-bit types unless asked.
    with jax.enable_x64(True):
        product = jax.lax.convert_element_type(word, np.uint64) * np.uint64(_MULTIPLIER)
        high = jax.lax.convert_element_type(product >> np.uint64(32), np.uint32)
        low = jax.lax.convert_element_type(product, np.uint32)
    return high, low


def _seed(seed: Array) -> UInt32[Array, "2"]:
    word = jnp.asarray(seed).astype(jnp.uint32)
    return jnp.stack(philox((word, jnp.zeros_like(word)), jnp.uint32(0), _KEY_ROUNDS))


def child_keys(
    key: UInt32[Array, "2"], event: UInt32[Array, ""], number: UInt32[Array, " n"]
) -> UInt32[Array, "n 2"]:
    """Returns the (n, 2) words of n children of a key, all different for all (event, number)."""
    counter = jnp.broadcast_to(event, number.shape), key[1] ^ number
    return jnp.stack(philox(counter, key[0] ^ jnp.uint32(_CHILD), _KEY_ROUNDS), axis=-1)


def _fold_in(key: UInt32[Array, "2"], data: Any) -> UInt32[Array, "2"]:
    child = philox((data, key[1]), key[0] ^ jnp.uint32(_CHILD), _KEY_ROUNDS)
    return jnp.stack(child)


def _split(key: UInt32[Array, "2"], shape: tuple[int, ...]) -> UInt32[Array, "*shape 2"]:
    number = jax.lax.iota(np.uint32, math.prod(shape)).reshape(shape)
    child = philox(
        (number, jnp.full_like(number, key[1])), key[0] ^ jnp.uint32(_CHILD), _KEY_ROUNDS
    )
    return jnp.stack(child, axis=-1)


def word_pairs(
    key: UInt32[Array, "2"], shape: tuple[int, ...]
) -> tuple[UInt32[Array, "*shape"], UInt32[Array, "*shape"]]:
    """Returns two independent (*shape) arrays of random words, for the mixing of one."""
    low, high = _words(key, _numbers(key, math.prod(shape)))
    return low.reshape(shape), high.reshape(shape)


def _numbers(key: UInt32[Array, "2"], count: int) -> UInt32[Array, " count"]:
    """Returns 0, 1, … of the words of a key.

    XLA takes the first products of a mix, the same in every turn of a loop, out of it: two arrays
    for every draw. In a cache they save time, in memory they cost it. A zero that hangs on the key,
    as XLA sees it (LLVM drops it), keeps them in.
    """
    number = jax.lax.iota(np.uint32, count)
    if count < LARGE:
        return number
    bit = key[0] & jnp.uint32(1)
    return number + (bit & (bit ^ jnp.uint32(1)))


def _words(
    key: UInt32[Array, "2"], number: UInt32[Array, " n"]
) -> tuple[UInt32[Array, " n"], UInt32[Array, " n"]]:
    return philox((number, jnp.full_like(number, key[1])), key[0], WORD_ROUNDS)


def _random_bits(key: UInt32[Array, "2"], bit_width: int, shape: tuple[int, ...]) -> Array:
    words = max(1, bit_width // 32)
    number = _numbers(key, math.prod(shape) * words)
    bits, _ = _words(key, number)
    if bit_width == 64:
        with jax.enable_x64(True):
            pair = jax.lax.convert_element_type(bits.reshape(*shape, 2), np.uint64)
            return pair[..., 0] << np.uint64(32) | pair[..., 1]
    return (bits >> jnp.uint32(32 - bit_width)).astype(f"uint{bit_width}").reshape(shape)


PHILOX = define_prng_impl(
    key_shape=(2,),
    seed=_seed,
    split=_split,
    random_bits=_random_bits,
    fold_in=_fold_in,
    name="philox2x32",
    tag="ph",
)


@cache
def _key_type() -> Any:
    return jax.eval_shape(lambda: jax.random.key(0, impl=PHILOX)).dtype


def is_philox(key: Key[Array, "*shape"]) -> bool:
    """Tells whether keys are of this generator.

    Their type tells it; what ``jax.random.key_impl`` gives is a generator up to JAX 0.10, and a
    name from 0.11 on.
    """
    return key.dtype == _key_type()
