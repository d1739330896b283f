"""What a synapse remembers and sums: converters, saturation, leak."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuromgd.converter import top_level
from neuromgd.randomness import Stream, root_key
from neuromgd.synapse.accumulator import held, leaked
from neuromgd.synapse.perturb import remembered
from neuromgd.synapse.state import SynapseParams
from tests.statistics import assert_mean, assert_rate

KEY = root_key(2, 0)
RANGE = 0.75
SUMS = arrays.arrays(np.float32, 64, elements=st.floats(-2, 2, width=32))
BITS = st.integers(2, 12)


def circuit(**numbers):
    numbers = {"amplitude": 0.5, "learning_rate": 1.0} | numbers
    return SynapseParams(**{name: jnp.float32(value) for name, value in numbers.items()})


def summed(params, rounding, sums, n):
    limit, top = params.accumulator_range, params.accumulator_top
    return held(limit, top, rounding, {"a": sums}, KEY, Stream.ACCUMULATOR, jnp.int32(n))["a"]


@jax.jit
def nearest(sums, top):
    params = circuit(accumulator_range=RANGE).replace(accumulator_top=top)
    return summed(params, "nearest", sums, 0)


@jax.jit
def stochastic(sums, top, n):
    params = circuit(accumulator_range=RANGE).replace(accumulator_top=top)
    return summed(params, "stochastic", sums, n)


@given(SUMS, BITS)
def test_what_an_accumulator_holds_it_holds_again(sums, bits):
    top = top_level(bits)
    once = nearest(jnp.asarray(sums), top)
    np.testing.assert_allclose(nearest(once, top), once, rtol=1e-6)
    assert np.abs(once).max() <= RANGE * (1 + 1e-6)


@given(SUMS, BITS)
def test_a_larger_sum_is_never_held_as_a_smaller_one(sums, bits):
    assert (np.diff(nearest(jnp.asarray(np.sort(sums)), top_level(bits))) >= 0).all()


@given(SUMS, BITS)
def test_stochastic_rounding_stays_within_one_code(sums, bits):
    top = top_level(bits)
    kept = stochastic(jnp.asarray(sums), top, jnp.int32(3))
    step = RANGE / float(top)
    assert np.abs(kept - np.clip(sums, -RANGE, RANGE)).max() <= step * (1 + 1e-5)


def test_stochastic_rounding_is_unbiased():
    top, sums = top_level(4), np.linspace(-0.7, 0.7, 29, dtype=np.float32)
    draws = jax.vmap(lambda n: stochastic(jnp.asarray(sums), top, n))(jnp.arange(10_000))
    step = RANGE / float(top)
    share = sums / step - np.floor(sums / step)
    variance = np.maximum(step**2 * share * (1 - share), 1e-12)
    assert_mean(draws, sums, variance, sees=0.09)


def test_a_leaking_sum_is_a_geometric_one():
    params, total = circuit(accumulator_leak=0.1), {"a": jnp.zeros(3)}
    for _ in range(5):
        total = jax.tree.map(lambda one: one + 2.0, leaked(params.accumulator_leak, total, 3))
    kept = 0.9**3
    np.testing.assert_allclose(total["a"], 2.0 * (1 - kept**5) / (1 - kept), rtol=1e-5)


def test_a_converter_of_the_memory_errs_by_its_step():
    params = circuit(storage_range=2.0).replace(storage_top=top_level(6))
    drawn = jax.random.uniform(jax.random.key(0), (40_000,), minval=-0.9, maxval=0.9)
    error = np.asarray(remembered(params, {"a": drawn}, KEY, jnp.int32(0))["a"] - drawn, float)
    step = 2.0 * 0.5 / 31
    assert_mean(error, 0, step**2 / 12, sees=0.05)
    assert_mean(error**2, step**2 / 12, step**4 / 180, sees=0.05)


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0])
def test_signs_flip_at_the_rate_and_independently_of_the_slot(rate):
    params, ones = circuit(storage_flip_rate=rate), {"a": jnp.ones((100, 100))}
    first, second = (
        np.asarray(remembered(params, ones, KEY, jnp.int32(slot))["a"]) for slot in (0, 1)
    )
    assert_rate((first < 0).sum(), first.size, rate)
    assert_rate(((first < 0) & (second < 0)).sum(), first.size, rate**2)
