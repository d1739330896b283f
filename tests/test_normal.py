"""Normals from pairs of words: their distribution, their tails, and words at either end."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from neuromgd.normal import box_muller
from neuromgd.randomness import normal, root_key, uniform
from tests.statistics import (
    assert_distribution,
    assert_mean,
    assert_rate,
    assert_uncorrelated,
    assert_variance,
)

KEY = root_key(11, 0)


@pytest.fixture(scope="module")
def drawn():
    return np.asarray(jax.jit(lambda: normal(KEY, (4096, 512)))(), float)


def test_they_are_standard_normal(drawn):
    assert_distribution(drawn[:512], stats.norm.cdf)
    assert_mean(drawn.ravel(), 0, 1, sees=0.01)
    assert_variance(drawn.ravel(), 1)
    assert_mean(drawn.ravel() ** 4, 3, 96, sees=0.01)


@pytest.mark.parametrize("above", [2.0, 3.0, 4.0])
def test_the_tails_are_as_heavy_as_they_must_be(drawn, above):
    for tail in (drawn > above, drawn < -above):
        assert_rate(tail.sum(), tail.size, stats.norm.sf(above))


def test_neighbours_are_independent(drawn):
    assert_uncorrelated(drawn[:, :64])
    assert_uncorrelated(np.stack([drawn[:-1].ravel(), drawn[1:].ravel()], axis=1))


@pytest.mark.parametrize("angle", [0, 1, 2**31 - 1, 2**31, 2**32 - 1])
@pytest.mark.parametrize("radius", [0, 1, 2**31, 3 * 2**30, 2**32 - 2, 2**32 - 1])
def test_every_word_follows_the_formula(radius, angle):
    ours = float(box_muller(jnp.uint32(radius), jnp.uint32(angle)))
    turn = np.int32(np.uint32(angle)) / 2**32
    length = np.sqrt(-2 * np.log((radius + 0.5) / 2**32))
    assert abs(ours) == pytest.approx(length * np.cos(np.pi * turn), abs=4e-4)
    if radius < 2**31:
        assert abs(ours) == pytest.approx(length * np.cos(np.pi * turn), abs=2e-6 * length + 1e-7)


def test_threefry_keys_give_normals_as_well():
    np.testing.assert_array_equal(
        normal(jax.random.key(1), (5,)), jax.random.normal(jax.random.key(1), (5,))
    )


def test_uniform_numbers_fill_the_unit_interval_without_its_end():
    u = np.asarray(uniform(KEY, (1 << 16,)))
    assert u.min() >= 0
    assert u.max() < 1
    assert_distribution(u, stats.uniform.cdf)
