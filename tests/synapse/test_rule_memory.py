"""What a rule keeps in few bits: on codes, without bias, saturating at its range."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.randomness import root_key
from neuromgd.synapse.rule_memory import rounded
from neuromgd.synapse.rules import rule
from neuromgd.synapse.state import SynapseParams
from tests.statistics import assert_mean

SYNAPSES, RANGE, TOP = 20_000, 0.7, 7
KEY = root_key(3, 0)


def params(**values):
    values = {"amplitude": 1.0, "learning_rate": 1.0} | values
    return SynapseParams(**{name: jnp.float32(value) for name, value in values.items()})


@pytest.fixture(scope="module")
def after():
    """State of Adam after one estimate, as it is and as four bits hold it."""
    estimate = jnp.full((SYNAPSES,), 1.23)
    transformation = rule("adam", beta1=0.7, beta2=0.9)(jnp.float32(1))
    # Optax raises a Python number to an integer power, which the strict switch refuses.
    with jax.numpy_dtype_promotion("standard"):
        _, whole = transformation.update(estimate, transformation.init(estimate))
    few = params(rule_top=TOP, rule_range=RANGE)
    return whole[0], rounded(few, whole, KEY, jnp.int32(4))[0]


def test_means_are_on_codes_and_unbiased(after):
    whole, held = after
    codes = np.asarray(held.mu, float) / (RANGE / TOP)
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-5)
    exact = 0.3 * 1.23 / (RANGE / TOP)
    share = exact - np.floor(exact)
    assert_mean(codes, exact, share * (1 - share), sees=0.06)
    assert held.count == whole.count == 1


def test_means_of_squares_are_kept_as_roots(after):
    _, held = after
    codes = np.sqrt(np.asarray(held.nu, float)) / (RANGE / TOP)
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-5)
    exact = np.sqrt(0.1) * 1.23 / (RANGE / TOP)
    share = exact - np.floor(exact)
    assert_mean(codes, exact, share * (1 - share), sees=0.06)


def test_a_mean_beyond_the_range_saturates():
    state = {"mu": jnp.asarray([-5.0, 0.0, 5.0])}
    held = rounded(params(rule_top=TOP, rule_range=RANGE), state, KEY, jnp.int32(0))
    np.testing.assert_allclose(held["mu"], [-RANGE, 0, RANGE], rtol=1e-6)
    only_range = rounded(params(rule_range=RANGE), state, KEY, jnp.int32(0))
    np.testing.assert_allclose(only_range["mu"], [-RANGE, 0, RANGE], rtol=1e-6)
    assert rounded(params(), state, KEY, jnp.int32(0)) is state


def test_two_windows_round_anew():
    state = {"mu": jnp.full((64,), 0.33)}
    few = params(rule_top=TOP, rule_range=RANGE)
    one, other = (rounded(few, state, KEY, jnp.int32(window))["mu"] for window in (0, 1))
    assert (np.asarray(one) != np.asarray(other)).any()
    np.testing.assert_array_equal(one, jax.jit(rounded)(few, state, KEY, jnp.int32(0))["mu"])
