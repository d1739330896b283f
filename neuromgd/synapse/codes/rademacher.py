"""Independent random signs: every synapse tosses its own coin at every perturbation."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each, once
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays

# Of an array that has no shape of its own.
_COLUMNS = 128


def signs(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "*array"]:
    """Returns a (*shape) array of independent ±1, one random bit each.

    A random word serves 32 rows: the generator, not the network, would else be the cost. Columns
    stay side by side, so that a processor unpacks many at once.
    """
    size = math.prod(shape)
    columns = shape[-1] if len(shape) > 1 else _COLUMNS
    rows = -(-size // max(columns, 1))
    words = once(jax.random.bits(key, (-(-rows // 32), 1, columns), jnp.uint32))
    # Each bit in turn moves to the sign position of the float 1.0.
    shifts = jnp.arange(32, dtype=jnp.uint32)[None, :, None]
    sign_bits = (words << shifts) & jnp.uint32(1 << 31)
    ones = jax.lax.bitcast_convert_type(sign_bits | jnp.float32(1).view(jnp.uint32), jnp.float32)
    return ones.reshape(-1)[: rows * columns][:size].reshape(shape)


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the ±1 of every synapse in one perturbation slot; each array has its own stream.

    References:
        Spall, IEEE Trans. Autom. Control 37, 332 (1992): simultaneous perturbation.
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023): code division.
    """
    keys = each(key, Stream.CODE, slot, arrays)
    return jax.tree.map(lambda k, array: signs(k, array.shape), keys, arrays)


RADEMACHER = Code(draw, period=lambda synapses: None)
