"""The order of samples: true permutations, in one order however it is cut into chunks."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.data.stream import order
from neuromgd.randomness import root_key
from tests.statistics import assert_uniform_counts

# A few, a grid with three places to spare and one with six; each compiles once.
SIZES = st.sampled_from([1, 5, 17, 50])
CHIPS = st.integers(0, 2**31 - 1)


@cache
def two_epochs_long(size):
    """Compiled (chip, first) -> the 2·size samples shown from presentation ``first`` on."""
    return jax.jit(lambda chip, first: order(root_key(0, chip), first, 2 * size, size))


def shown(size, chip, first):
    return np.asarray(two_epochs_long(size)(jnp.int32(chip), jnp.int32(first)))


@settings(max_examples=40)
@given(SIZES, CHIPS, st.integers(0, 10**6))
def test_every_epoch_shows_every_sample_once(size, chip, epoch):
    for part in shown(size, chip, epoch * size).reshape(2, size):
        assert sorted(part) == list(range(size))


@given(SIZES, CHIPS, st.integers(0, 10**7), st.data())
def test_the_order_does_not_depend_on_where_a_chunk_starts(size, chip, first, data):
    later = data.draw(st.integers(0, 2 * size - 1), label="later")
    np.testing.assert_array_equal(
        shown(size, chip, first)[later:], shown(size, chip, first + later)[: 2 * size - later]
    )


def test_the_order_does_not_depend_on_the_length_of_a_chunk():
    for size in (5, 17):
        three = jax.jit(partial(order, count=3, size=size))
        chunks = [three(root_key(0, 4), jnp.int32(first)) for first in range(0, 9, 3)]
        np.testing.assert_array_equal(np.concatenate(chunks), shown(size, 4, 0)[:9])


@pytest.mark.slow
def test_all_orders_of_four_samples_are_equally_likely():
    epochs = 48_000
    key = root_key(1, 0)
    of_epoch = jax.jit(jax.vmap(lambda epoch: order(key, 4 * epoch, 4, 4)))
    orders = of_epoch(jnp.arange(epochs, dtype=jnp.int32))
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 24
    assert_uniform_counts(counts)


@pytest.mark.slow
def test_every_place_of_a_grid_with_spare_places_is_equally_likely():
    # 17 samples lie on a grid of 20 places: walking on must favour none of them.
    key = root_key(2, 0)
    of_epoch = jax.jit(jax.vmap(lambda epoch: order(key, 17 * epoch, 17, 17)))
    orders = np.asarray(of_epoch(jnp.arange(3400, dtype=jnp.int32)))
    for place in (0, 1, 8, 16):
        assert_uniform_counts(np.bincount(orders[:, place], minlength=17))
    # Samples that are neighbours in the set are no more often neighbours in time.
    assert_uniform_counts(np.bincount((orders[:, 1] - orders[:, 0]) % 17, minlength=17)[1:])


def test_two_chips_and_two_epochs_see_different_orders():
    one = shown(50, 0, 0)
    assert (one != shown(50, 1, 0)).any()
    assert (one[:50] != one[50:]).any()
    np.testing.assert_array_equal(one, shown(50, 0, 0))
