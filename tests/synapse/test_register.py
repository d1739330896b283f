"""Shift registers: bit for bit what one made of cells gives, and how short ones correlate."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.errors import InputError
from neuromgd.synapse.codes import code
from neuromgd.synapse.register import is_maximal
from tests.conformance.codes import ARRAYS, KEY, SYNAPSES, flat


def bits_of(slots, **numbers):
    """(slots, synapses) bits of the code, a minus for a one."""
    own = code("lfsr", **numbers)
    return flat(jax.jit(jax.vmap(lambda slot: own.draw(KEY, ARRAYS, slot)))(slots)) < 0


def register(cells, taps, count):
    """Bits that went into a register of some cells, the newest first, and those that follow."""
    given = list(reversed(cells))
    for _ in range(count - len(given)):
        cells = [sum(bit for cell, bit in enumerate(cells) if taps >> cell & 1) % 2, *cells[:-1]]
        given.append(cells[0])
    return given


@pytest.mark.parametrize(("bits", "taps"), [(4, 0b1001), (7, 0b1000001), (8, 0b10001110)])
def test_every_synapse_hears_a_register_of_that_many_cells(bits, taps):
    """The first bits of a synapse, put into a plain register, bring forth all others."""
    drawn = bits_of(jnp.arange(2**bits + 20), register_bits=bits, register_taps=taps)
    for heard in drawn.T[:: 1 if bits == 4 else 9].astype(int):
        first = register(heard[bits - 1 :: -1], taps, len(heard))
        np.testing.assert_array_equal(heard[bits:], first[bits:])
    period = 2**bits - 1
    np.testing.assert_array_equal(drawn[period:], drawn[: len(drawn) - period])
    assert (drawn[:period].sum(0) == 2 ** (bits - 1)).all()


def test_a_slot_far_away_is_replayed():
    """The state after n steps comes by the powers of one step, without the n steps."""
    period, far = 2**16 - 1, 30_000 * (2**16 - 1) + 5
    near = bits_of(jnp.arange(5, 8), register_bits=16)
    np.testing.assert_array_equal(bits_of(far + jnp.arange(3), register_bits=16), near)
    assert (near[0] != near[1]).any()
    assert far > period


def test_short_registers_correlate():
    """Two masks overlap by −1/31 over a period; the 32nd synapse shares that of the first."""
    own = code("lfsr", register_bits=5)
    signs = 1.0 - 2 * bits_of(jnp.arange(31), register_bits=5)
    overlap = signs.T @ signs / 31
    place = np.arange(SYNAPSES) % 31
    is_same = place[:, None] == place[None]
    np.testing.assert_allclose(overlap, np.where(is_same, 1, -1 / 31), atol=1e-6)
    told = 1 + float(own.excess(SYNAPSES, jnp.float32(1 / 31)))
    np.testing.assert_allclose((overlap**2).sum() / SYNAPSES, told, rtol=1e-5)


@pytest.mark.parametrize("bits", range(2, 9))
def test_taps_are_maximal_where_all_states_are_met(bits):
    for taps in range(1, 2**bits):
        heard = register([1] + [0] * (bits - 1), taps, 2**bits + bits)
        states = {tuple(heard[place : place + bits]) for place in range(2**bits - 1)}
        is_longest = len(states) == 2**bits - 1 and (0,) * bits not in states
        assert is_maximal(bits, taps) == is_longest


def test_taps_that_repeat_early_are_refused():
    with pytest.raises(InputError, match="does not run through all 15 states"):
        code("lfsr", register_bits=4, register_taps=0b1111)
