"""One array at a time: each is told its slope by its own kicks alone, in its own slots."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.options.config import Config, SynapseConfig
from neuromgd.plan.clock import kicked
from neuromgd.plan.plan import plan
from neuromgd.synapse.antithetic import antithetic
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.in_turn import in_turn, shares
from neuromgd.synapse.learn import step_normalisations
from tests.statistics import assert_mean

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


@pytest.mark.parametrize("slots", [2, 6])
def test_an_estimate_is_as_long_as_it_tells(slots):
    """By whole turns, and by less than one: 4,000 estimates of a linear cost, array by array."""
    code = in_turn(CODES["rademacher"])
    whole, count = drawn(code, 4000 * slots), 4000
    slope = jax.tree.map(lambda leaf: jnp.arange(1.0, leaf.size + 1).reshape(leaf.shape), ARRAYS)
    pairs = list(zip(jax.tree.leaves(whole), jax.tree.leaves(slope), strict=True))
    delta = np.asarray(sum(jnp.tensordot(p, s, s.ndim) for p, s in pairs))
    estimates = [
        np.mean((delta[:, None] * np.asarray(p).reshape(len(delta), -1)).reshape(
            count, slots, -1), axis=1)
        for p, _ in pairs
    ]  # fmt: skip
    squares = [float(jnp.sum(s**2)) for _, s in pairs]
    # Bias and kernel of the first module are one array.
    for leaves in ([0, 1], [2], [3]):
        power = sum((estimates[at] ** 2).sum(1) for at in leaves)
        square = sum(squares[at] for at in leaves)
        synapses = sum(estimates[at].shape[1] for at in leaves)
        law = square * (1 + float(code.excess(synapses, jnp.float32(3 / slots))))
        assert_mean(power[:, None], np.array([law]), power.var(ddof=1, keepdims=True), sees=0.2)


def test_every_array_has_the_step_of_its_own_kicks():
    code, arrays = in_turn(CODES["rademacher"]), {k: v for k, v in ARRAYS.items() if k != "nodes"}
    for kind in ("length", "array"):
        scales = step_normalisations(kind, arrays, arrays, 2, 8, code.excess, is_in_turn=True)
        # Two of four perturbations are an array's own.
        for leaf in jax.tree.leaves(scales["Dense_0"]):
            np.testing.assert_allclose(leaf, (1 + (4 - 1) * 2 / 4) ** -0.5, rtol=1e-6)
        np.testing.assert_allclose(scales["Dense_1"]["kernel"], (1 + 2 * 2 / 4) ** -0.5, rtol=1e-6)
    assert shares(ARRAYS) == [4, 3, 2]
    none = step_normalisations("none", arrays, arrays, 2, 8, code.excess, is_in_turn=True)
    assert all(float(one) == 1 for one in jax.tree.leaves(none))


def test_the_clock_sets_the_kicks_of_one_array_at_a_time():
    synapse = SynapseConfig(in_turn=True)
    todo = plan(Config(task="parity", bits=4, synapse=synapse, windows=4))
    # 4-2-1: ten weights and biases, then three.
    assert kicked(todo.machine) == {"kicked": (10 + 3) / 2}
    sparing = SynapseConfig(in_turn=True, code="sequential", amplitude_of="kick", amplitude=1e-2)
    todo = plan(Config(task="parity", bits=4, synapse=sparing, windows=4))
    assert kicked(todo.machine) == {"kicked": 1}
    np.testing.assert_allclose(todo.params.synapse.amplitude, 1e-2 / np.sqrt(2 * 10), rtol=1e-6)
