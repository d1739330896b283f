"""Independent random signs: every synapse tosses its own coin at every perturbation."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays


def signs(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "*array"]:
    """Returns a (*shape) array of independent ±1, one random bit each.

    A random word serves 32 synapses: the generator, not the network, would else be the cost.
    """
    size = math.prod(shape)
    words = jax.random.bits(key, (-(-size // 32), 1), jnp.uint32)
    # Each bit in turn moves to the sign position of the float 1.0.
    sign_bits = (words << jnp.arange(32, dtype=jnp.uint32)[None]) & jnp.uint32(1 << 31)
    ones = jax.lax.bitcast_convert_type(sign_bits | jnp.float32(1).view(jnp.uint32), jnp.float32)
    return ones.reshape(-1)[:size].reshape(shape)


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the ±1 of every synapse in one perturbation slot; each array has its own stream.

    References:
        Spall, IEEE Trans. Autom. Control 37, 332 (1992): simultaneous perturbation.
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023): code division.
    """
    keys = each(key, Stream.CODE, slot, arrays)
    return jax.tree.map(lambda k, array: signs(k, array.shape), keys, arrays)


RADEMACHER = Code(draw, period=lambda synapses: None)
