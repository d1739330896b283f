"""One array at a time: each is told its slope by its own kicks alone, in its own slots."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.synapse.antithetic import antithetic
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.in_turn import in_turn

SHAPES = {"Dense_0": {"bias": (2,), "kernel": (1, 2)}, "Dense_1": {"kernel": (3,)}, "nodes": (2,)}
ARRAYS = jax.tree.map(lambda shape: jnp.zeros(shape), SHAPES, is_leaf=lambda s: type(s) is tuple)
KEY = jax.random.key(3)


def drawn(code, slots):
    return jax.jit(jax.vmap(lambda slot: code.draw(KEY, ARRAYS, slot)))(jnp.arange(slots))


def test_every_slot_kicks_one_array_all_of_it_and_as_strongly_as_power_asks():
    patterns = drawn(in_turn(CODES["rademacher"]), 12)
    height = np.float32(np.sqrt(3))
    for turn, name in enumerate(SHAPES):
        for leaf in jax.tree.leaves(patterns[name]):
            flat = np.abs(np.asarray(leaf).reshape(12, -1))
            np.testing.assert_array_equal(flat[turn::3], height)
            assert not np.delete(flat, np.s_[turn::3], axis=0).any()


@pytest.mark.parametrize("pairs", [False, True])
def test_a_period_of_its_own_code_tells_every_array_its_slope(pairs):
    """Σ ΔC·θ̃ over all slots is the slope, exactly: 4 synapses at most take a period of 8."""
    code = in_turn(CODES["walsh"])
    code, slots = (antithetic(code), 48) if pairs else (code, 24)
    patterns = drawn(code, slots)
    slope = jax.tree.map(lambda leaf: jnp.arange(1.0, leaf.size + 1).reshape(leaf.shape), ARRAYS)
    delta = sum(
        jnp.tensordot(p, s, s.ndim)
        for p, s in zip(jax.tree.leaves(patterns), jax.tree.leaves(slope), strict=True)
    )
    for pattern, wanted in zip(jax.tree.leaves(patterns), jax.tree.leaves(slope), strict=True):
        estimate = jnp.tensordot(delta, pattern, 1) / slots
        np.testing.assert_allclose(estimate, wanted, rtol=1e-5)


def test_equal_ones_are_one_code():
    assert in_turn(CODES["walsh"]) is in_turn(CODES["walsh"])
