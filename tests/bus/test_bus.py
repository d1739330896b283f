"""The bus: what the cost meter reads, which reading it compares with, and what arrives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from neuromgd.bus.broadcast import broadcast
from neuromgd.bus.meter import BusParams, accumulate, mean_delta, meter, read_cost, reset
from neuromgd.bus.references import REFERENCES
from neuromgd.converter import quantise, top_level
from neuromgd.randomness import Stream, root_key
from tests.statistics import (
    assert_distribution,
    assert_mean,
    assert_uncorrelated,
    assert_variance,
)

RANGE = 0.75
BITS = st.integers(1, 24)
EXACT = st.integers(1, 22)  # 32-bit floats cannot tell the codes of more bits apart
KEY = root_key(9, 0)


@jax.jit
def heard(values, top):
    params = BusParams(delta_top=top)
    return jax.vmap(lambda delta: sent(params, delta, jnp.float32(RANGE)))(values)


# The converter of ΔC.

DELTAS = arrays.arrays(np.float32, 64, elements=st.floats(-2, 2, width=32))


@given(DELTAS, EXACT)
def test_what_was_converted_converts_to_itself(deltas, bits):
    once = heard(jnp.asarray(deltas), top_level(bits))
    np.testing.assert_array_equal(heard(once, top_level(bits)), once)


@given(DELTAS, BITS)
def test_a_larger_change_is_never_heard_as_a_smaller_one(deltas, bits):
    assert (np.diff(heard(jnp.asarray(np.sort(deltas)), top_level(bits))) >= 0).all()


@given(DELTAS, BITS)
def test_the_converter_is_odd_and_never_leaves_its_range(deltas, bits):
    one = np.asarray(heard(jnp.asarray(deltas), top_level(bits)))
    np.testing.assert_array_equal(heard(jnp.asarray(-deltas), top_level(bits)), -one)
    assert np.abs(one).max() <= RANGE


@given(DELTAS, st.integers(2, 16))
def test_the_error_is_at_most_half_a_step_in_range(deltas, bits):
    step = RANGE / (2 ** (bits - 1) - 1)
    error = np.asarray(heard(jnp.asarray(deltas), top_level(bits))) - np.clip(deltas, -RANGE, RANGE)
    assert np.abs(error).max() <= step / 2 + 1e-6


@pytest.mark.parametrize("bits", [2, 3, 8])
def test_a_converter_of_n_bits_has_that_many_codes(bits):
    codes = np.unique(heard(jnp.linspace(-1, 1, 4097), top_level(bits)))
    np.testing.assert_allclose(codes, RANGE * np.linspace(-1, 1, 2**bits - 1), atol=1e-7)


def test_one_bit_is_the_sign():
    values = jnp.float32([-5.0, -1e-30, 0.0, 1e-30, 0.3])
    np.testing.assert_array_equal(
        heard(values, top_level(1)), np.float32(RANGE) * np.array([-1, -1, 0, 1, 1])
    )


def test_the_rounding_error_is_uniform_with_a_twelfth_of_a_step_squared():
    step = RANGE / 127
    values = jax.random.uniform(KEY, (2**15,), minval=-RANGE, maxval=RANGE)
    error = np.asarray(heard(values, top_level(8)) - values)
    # A value in the last half step has no code above it: keep to those that have both neighbours.
    error = error[np.abs(values) < RANGE - step]
    assert_mean(error, 0, step**2 / 12, sees=0.05)
    assert_mean(error**2, step**2 / 12, step**4 / 180, sees=0.05)
    assert_distribution(error, stats.uniform(-step / 2, step).cdf)


def test_without_a_converter_every_change_is_heard():
    delta = jnp.float32(0.1234567)
    assert sent(BusParams(), delta, jnp.float32(1)) == delta
    assert sent(BusParams(delta_top=top_level(8)), delta, None) == delta


@given(DELTAS, st.integers(2, 12), st.integers(-10, 10))
def test_the_codes_scale_with_the_range(deltas, bits, power):
    # A power of two scales float32 exactly.
    scale = np.float32(2.0**power)
    scaled = jnp.asarray(deltas * scale), jnp.float32(RANGE * scale), top_level(bits)
    np.testing.assert_array_equal(
        quantise(*scaled), scale * heard(jnp.asarray(deltas), top_level(bits))
    )


# The cost meter.


@pytest.fixture(scope="module")
def readings():
    """(timesteps, 2) noise of the readings of C and of C0."""
    params = BusParams(cost_noise=jnp.float32(0.05))

    @jax.jit
    def read(key):
        def both(n):
            which = (Stream.COST, Stream.COST_REFERENCE)
            return jnp.stack([read_cost(params, jnp.float32(2), key, s, n) - 2 for s in which])

        return jax.vmap(both)(jnp.arange(2**14, dtype=jnp.int32))

    return np.asarray(read(KEY))


def test_a_reading_has_the_noise_of_the_meter(readings):
    assert_mean(readings, 0, 0.05**2, sees=0.07)
    assert_variance(readings, 0.05**2)


def test_both_costs_are_read_with_fresh_noise_every_time(readings):
    assert_uncorrelated(readings)
    assert_uncorrelated(np.concatenate([readings[1:], readings[:-1]], axis=1))
    # So the noise of ΔC is that of two readings.
    assert_variance(readings[:, 0] - readings[:, 1], 2 * 0.05**2)


def test_without_noise_the_meter_reads_the_cost():
    cost = jnp.float32(1.25)
    assert read_cost(BusParams(), cost, KEY, Stream.COST, jnp.int32(0)) is cost


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=20))
def test_the_meter_broadcasts_the_mean_since_the_last_broadcast(changes):
    state = meter().replace(cost_0=jnp.float32(7))
    for change in changes:
        state = accumulate(state, jnp.float32(change))
    assert float(mean_delta(state)) == pytest.approx(np.mean(changes), rel=1e-6, abs=1e-6)
    cleared = reset(state)
    assert [float(leaf) for leaf in (mean_delta(cleared), cleared.readings)] == [0, 0]
    assert cleared.cost_0 == 7


# Against which reading: one row of each table is one schedule of (τ_x, τ_θ).


def test_two_pass_and_central_read_both_costs_every_timestep():
    n = jnp.arange(20)
    for name in ("two_pass", "central"):
        np.testing.assert_array_equal(REFERENCES[name].latest(n, 3, 6), n)
    assert {name: reference.side for name, reference in REFERENCES.items()} == {
        "two_pass": 0,
        "reuse": 0,
        "central": -1,
    }


@pytest.mark.parametrize(
    ("tau_sample", "tau_update", "expected"),
    [
        (1, 1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (1, 4, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (4, 4, [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8]),
        (2, 4, [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10]),
        (6, 6, [0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6]),
    ],
)
def test_reuse_reads_anew_after_every_sample_and_write(tau_sample, tau_update, expected):
    latest = REFERENCES["reuse"].latest
    np.testing.assert_array_equal(latest(jnp.arange(12), tau_sample, tau_update), expected)
    # As many readings are counted as are taken.
    is_fresh = np.asarray(expected) == np.arange(12)
    assert REFERENCES["reuse"].readings(12, tau_sample) == is_fresh.sum()
    # Traced hold times give the same: a sweep over them is one program.
    traced = jax.jit(latest)(jnp.arange(12), jnp.int32(tau_sample), jnp.int32(tau_update))
    np.testing.assert_array_equal(traced, expected)


def sent(params, delta, full_scale=None, n=0):
    """What synapses hear of a cost change at a timestep."""
    return broadcast(params, jnp.float32(delta), full_scale, root_key(0, 0), jnp.int32(n))


def test_a_deadband_keeps_small_changes_from_the_wire():
    params = BusParams(deadband=jnp.float32(0.1))
    told = [float(sent(params, delta)) for delta in (-0.2, -0.09, 0.0, 0.09, 0.11)]
    assert told == pytest.approx([-0.2, 0, 0, 0, 0.11])


def test_noise_of_the_wire_is_fresh_at_every_broadcast():
    params = BusParams(broadcast_noise=jnp.float32(0.3))
    many = jax.jit(jax.vmap(lambda n: sent(params, 1.0, n=n)))(jnp.arange(4000))
    assert_variance(many, 0.3**2)
    assert_mean(many, 1.0, 0.3**2, sees=0.15)
    assert_uncorrelated(np.stack([many[:-1], many[1:]], axis=1))


def read_all(params, costs):
    key, n = root_key(0, 0), jnp.int32(0)
    return [float(read_cost(params, jnp.float32(c), key, Stream.COST, n)) for c in costs]


def test_a_steady_error_of_the_meter_scales_or_cancels():
    offset, gain = BusParams(cost_offset=jnp.float32(0.5)), BusParams(cost_gain=jnp.float32(1.25))
    base, kicked = read_all(offset, (2.0, 2.25))
    assert (base, kicked - base) == (2.5, 0.25)
    base, kicked = read_all(gain, (2.0, 2.25))
    assert kicked - base == 1.25 * 0.25


def test_a_converter_of_costs_gives_the_difference_of_two_rounded_numbers():
    params = BusParams(cost_top=top_level(5), cost_range=jnp.float32(15))
    assert read_all(params, (2.4, 2.6, -1.2, 40.0)) == pytest.approx([2, 3, -1, 15])
