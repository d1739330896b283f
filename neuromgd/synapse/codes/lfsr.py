"""Bits of one shift register with feedback, which every synapse taps in its own way.

A register of m cells runs through all 2^m − 1 states but zero. Synapse i adds up (exclusive or) the
cells in its mask a·(i + 1) mod 2^m, with an odd a of the chip's own: for other masks the same
sequence with other delays. Two of them correlate by −1/(2^m − 1) over a period; synapses beyond as
many share masks, and their estimates are those of their sum.

References:
    Golomb, Shift Register Sequences (1967): sequences of maximal length, shift and add.
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): code division by pseudorandom sequences.
"""

import math
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, UInt32

from neuromgd.numbers import CODE_NUMBERS
from neuromgd.randomness import Stream, stream
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.register import checked, steps
from neuromgd.typing import Arrays


@lru_cache(maxsize=64)  # equal ones are one code, so that their runs share a program
def lfsr(register_bits: int, register_taps: int) -> Code:
    """Returns the code of a register.

    Args:
        register_bits: Its cells m.
        register_taps: Those that are fed back, bit 0 for the newest; 0: the least that do.

    Raises:
        InputError: If it does not run through all states.
    """
    states = (1 << register_bits) - 1
    powers = steps(register_bits, checked(register_bits, register_taps))

    def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
        """Returns the ±1 of every synapse in one perturbation slot; a one is a minus."""
        leaves, structure = jax.tree.flatten(arrays)
        words = jax.random.bits(stream(key, Stream.CODE), (2,), jnp.uint32)
        state = _after(powers, 1 + words[0] % jnp.uint32(states), slot % states)
        odd, signs, first = words[1] | jnp.uint32(1), [], 0
        for leaf in leaves:
            size = math.prod(leaf.shape)
            number = jnp.arange(first, first + size, dtype=jnp.uint32) % jnp.uint32(states)
            mask = odd * (number + 1) & jnp.uint32(states)
            ones = jax.lax.population_count(mask & state) & jnp.uint32(1)
            signs.append(1.0 - 2.0 * ones.astype(jnp.float32).reshape(leaf.shape))
            first += size
        return jax.tree.unflatten(structure, signs)

    def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
        """Returns E‖Ĝ‖²/‖∇C‖² − 1 of T perturbations.

        Two delays of the sequence agree by 1/T − (T − 1)/(TL) in the mean square, by 1/L² over its
        period L; synapses with one mask agree.
        """
        turns, more = divmod(synapses, states)
        alike = (turns + 1) * turns * more + turns * (turns - 1) * (states - more)
        apart = synapses * (synapses - 1) - alike
        overlap = jnp.maximum(per_slot - (1 - per_slot) / states, 1 / states**2)
        return (alike + apart * overlap) / synapses

    return Code(draw, period=lambda synapses: None, excess=excess, made=lfsr)


def _after(
    powers: UInt32[np.ndarray, "bits bits"], state: UInt32[Array, ""], slots: Int[Array, ""]
) -> UInt32[Array, ""]:
    """Returns the state of a register after a number of slots, by the powers of one step."""
    places = jnp.arange(len(powers), dtype=jnp.uint32)

    def doubled(state: UInt32[Array, ""], power) -> tuple[UInt32[Array, ""], None]:
        rows, place = power
        cells = jax.lax.population_count(rows & state) & jnp.uint32(1)
        moved = jnp.sum(cells << places, dtype=jnp.uint32)
        return jnp.where((slots >> place) & 1, moved, state), None

    every = jnp.asarray(powers), places.astype(slots.dtype)
    return jax.lax.scan(doubled, state, every)[0]


LFSR = lfsr(
    register_bits=CODE_NUMBERS["register_bits"].default,
    register_taps=CODE_NUMBERS["register_taps"].default,
)
