"""A frequency for every synapse: kicks that are sines, orthogonal over the common period.

Synapse i is kicked by √2·sin(2π(k_i·t/L + φ_i)) in slot t. The period L is a power of two, so that
k_i·t mod L is exact for any slot; k_i = a·(i + 1) mod L/2 with an odd a of the chip's own, so that
all frequencies differ and none is 0 or the highest; φ_i is uniform.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): frequency division.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each, stream, uniform
from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays


def period(synapses: int) -> int:
    """Returns the slots of a period: the least power of two with L/2 − 1 ≥ P frequencies."""
    return 2 << synapses.bit_length()


def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
    """Returns the kick of every synapse in one perturbation slot, of mean square 1."""
    leaves, structure = jax.tree.flatten(arrays)
    sizes = [math.prod(leaf.shape) for leaf in leaves]
    length = period(sum(sizes))
    odd = jax.random.bits(stream(key, Stream.CODE, 1), (), jnp.uint32) | jnp.uint32(1)
    keys = jax.tree.leaves(each(key, Stream.CODE, 0, arrays))
    kicks, first = [], 1
    for leaf, size, own in zip(leaves, sizes, keys, strict=True):
        frequency = odd * jnp.arange(first, first + size, dtype=jnp.uint32)
        frequency = frequency & jnp.uint32(length // 2 - 1)
        place = (frequency * slot.astype(jnp.uint32)) & jnp.uint32(length - 1)
        turns = place.astype(jnp.float32) / length + uniform(own, (size,))
        kicks.append(math.sqrt(2) * jnp.sin(2 * math.pi * turns).reshape(leaf.shape))
        first += size
    return jax.tree.unflatten(structure, kicks)


def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
    """Returns E‖Ĝ‖²/‖∇C‖² − 1 of T perturbations: 0 from a whole period L on.

    Of two sines of any two frequencies the mean squared overlap is (L/T − 1)/(L − 1), and that of a
    sine with itself 1 + ½(L/2T − 1)/(L/2 − 1), which is 1 from half a period on.
    """
    length = period(synapses)
    beyond = lambda slots: jnp.maximum(slots * per_slot - 1, 0) / (slots - 1)
    return (synapses - 1) * beyond(length) + beyond(max(length // 2, 2)) / 2


SINUSOIDAL = Code(draw, period, excess=excess, largest=lambda synapses: math.sqrt(2))
