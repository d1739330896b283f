"""Walsh codes: the estimate is the gradient itself, not only on average."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.conformance.codes import ARRAYS, SYNAPSES, flat

LENGTH = 64


@pytest.fixture(scope="module", params=[0, 1])
def two_periods(request):
    """(128, synapses) of one of two chips."""
    draw = lambda slot: CODES["walsh"].draw(root_key(6, request.param), ARRAYS, slot)
    return flat(jax.jit(jax.vmap(draw))(jnp.arange(2 * LENGTH)))


def test_a_period_is_the_least_power_of_two_above_the_synapses():
    assert [CODES["walsh"].period(count) for count in (1, 2, 3, 4, 42, 63, 64)] == [
        2, 4, 4, 8, 64, 64, 128
    ]  # fmt: skip


def test_patterns_are_rows_of_a_hadamard_matrix(two_periods):
    one = np.array([[1.0]])
    while len(one) < LENGTH:
        one = np.block([[one, one], [one, -one]])
    rows = {tuple(row) for row in one[1:]}
    drawn = [tuple(synapse) for synapse in two_periods[:LENGTH].T]
    assert set(drawn) <= rows
    assert len(set(drawn)) == SYNAPSES


def test_the_second_period_is_the_opposite_of_the_first(two_periods):
    np.testing.assert_array_equal(two_periods[LENGTH:], -two_periods[:LENGTH])


def test_a_quadratic_cost_is_told_exactly_after_two_periods(two_periods):
    draw = np.random.default_rng(0)
    gradient = draw.normal(size=SYNAPSES)
    hessian = draw.normal(size=(SYNAPSES, SYNAPSES))
    delta = two_periods @ gradient + np.einsum("ni,ij,nj->n", two_periods, hessian, two_periods)
    estimate = (delta[:, None] * two_periods).mean(0)
    np.testing.assert_allclose(estimate, gradient, atol=1e-9)
    half = (delta[:LENGTH, None] * two_periods[:LENGTH]).mean(0)
    assert np.abs(half - gradient).max() > 0.1


def test_two_chips_have_other_rows():
    draw = lambda chip: flat(
        jax.vmap(lambda slot: CODES["walsh"].draw(root_key(6, chip), ARRAYS, slot))(jnp.arange(8))
    )
    assert (draw(0) != draw(1)).any()
