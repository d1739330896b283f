"""The Philox generator: the words its authors publish, and no structure that a chip could learn."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from neuromgd.philox import LARGE, PHILOX, child_keys, is_philox, philox
from neuromgd.randomness import Stream, root_key, stream
from tests.statistics import (
    assert_distribution,
    assert_rate,
    assert_uncorrelated,
    assert_uniform_counts,
)

WORDS = st.integers(0, 2**32 - 1)
KEY = jax.random.key(5, impl=PHILOX)
EVENTS = 64

mixed = jax.jit(philox, static_argnums=2)
children = jax.jit(child_keys)


def word(value):
    return jnp.asarray(value, jnp.uint32)


def by_hand(low, high, key, rounds):
    """Philox-2×32 in Python integers, straight from the paper's figure."""
    for _ in range(rounds):
        product = 0xD256D193 * low
        low, high = (product >> 32) ^ key ^ high, product & 0xFFFFFFFF
        key = (key + 0x9E3779B9) & 0xFFFFFFFF
    return low, high


def words_of(key, count):
    """The first words of a stream, by hand: word i mixes i and the key's second word."""
    own, other = (int(w) for w in jax.random.key_data(key))
    return [by_hand(i, other, own, 7)[0] for i in range(count)]


@pytest.mark.parametrize(
    ("counter", "key", "rounds", "expected"),
    [
        ((0x00000000, 0x00000000), 0x00000000, 7, (0x257A3673, 0xCD26BE2A)),
        ((0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF, 7, (0xAB302C4D, 0x3DC9D239)),
        ((0x243F6A88, 0x85A308D3), 0x13198A2E, 7, (0xBEDBBE6B, 0xE4C770B3)),
        ((0x00000000, 0x00000000), 0x00000000, 10, (0xFF1DAE59, 0x6CD10DF2)),
        ((0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF, 10, (0x2C3F628B, 0xAB4FD7AD)),
        ((0x243F6A88, 0x85A308D3), 0x13198A2E, 10, (0xDD7CE038, 0xF62A4C12)),
    ],
)
def test_the_words_are_those_of_its_authors(counter, key, rounds, expected):
    # Known answers of the Random123 library of Salmon et al.
    low, high = mixed((word(counter[0]), word(counter[1])), word(key), rounds)
    assert (int(low), int(high)) == expected


@given(low=WORDS, high=WORDS, key=WORDS, rounds=st.sampled_from([7, 10]))
def test_any_word_is_what_python_integers_give(low, high, key, rounds):
    mine = mixed((word(low), word(high)), word(key), rounds)
    assert tuple(map(int, mine)) == by_hand(low, high, key, rounds)


@given(WORDS, WORDS, st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=2, unique=True))
def test_no_two_events_or_arrays_get_one_key(first, second, places):
    parent = jnp.stack([word(first), word(second)])
    one, other = (children(parent, word(e), word([number]))[0].tolist() for e, number in places)
    assert one != other


def test_the_keys_of_a_whole_run_are_all_different():
    places = list(product(range(200), Stream, range(8)))
    events, streams, arrays = (word(column) for column in zip(*places, strict=True))
    parent = jax.random.key_data(KEY)
    number = (streams << jnp.uint32(16)) + arrays
    of_run = jax.vmap(lambda e, n: child_keys(parent, e, n[None])[0])(events, number)
    assert len(np.unique(of_run, axis=0)) == len(places)


def test_a_stream_gives_the_child_key_of_its_number():
    expected = child_keys(jax.random.key_data(KEY), word(7), word([Stream.UPDATE << 16]))[0]
    np.testing.assert_array_equal(jax.random.key_data(stream(KEY, Stream.UPDATE, 7)), expected)


@pytest.fixture(scope="module")
def draws():
    """(events, words): a million words, a stream of its own for each of 64 timesteps."""

    @jax.jit
    def draw(key):
        of_event = lambda n: jax.random.bits(stream(key, Stream.CODE, n), (2**14,), jnp.uint32)
        return jax.vmap(of_event)(jnp.arange(EVENTS, dtype=jnp.int32))

    return np.asarray(draw(root_key(11, 0)))


def bits(words):
    """(words, 32) bits as 0 and 1."""
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8).reshape(-1, 4), axis=1)


def test_every_bit_is_a_fair_coin(draws):
    for place in range(32):
        assert_rate((draws >> place & 1).sum(), draws.size, 0.5)


def test_every_byte_value_is_equally_likely(draws):
    values = draws.reshape(-1).view(np.uint8).reshape(-1, 4)
    for place in range(4):
        assert_uniform_counts(np.bincount(values[:, place], minlength=256))


def test_bits_of_neighbouring_words_are_independent(draws):
    assert_uncorrelated(bits(draws[:8]).reshape(-1, 64))


def test_timesteps_are_independent(draws):
    assert_uncorrelated((draws >> 31).T)


def test_streams_and_chips_are_independent():
    @jax.jit
    def signs(keys):
        return jax.vmap(lambda key: jax.random.bits(key, (2**14,), jnp.uint32) >> 31)(keys)

    keys = [stream(root_key(0, chip), which) for chip in range(2) for which in Stream]
    assert_uncorrelated(signs(jnp.stack(keys)).T)


def test_normal_numbers_are_normal():
    assert_distribution(jax.random.normal(KEY, (2**17,), jnp.float32), stats.norm.cdf)


@pytest.mark.parametrize("width", [8, 16, 32])
def test_a_narrow_draw_is_the_top_of_the_word(width):
    drawn = jax.random.bits(KEY, (3, 4), f"uint{width}")
    assert drawn.dtype == f"uint{width}"
    assert drawn.reshape(-1).tolist() == [w >> (32 - width) for w in words_of(KEY, 12)]


def test_a_wide_draw_is_two_words():
    with jax.enable_x64(True):
        drawn = jax.random.bits(KEY, (3,), "uint64")
        assert drawn.dtype == "uint64"
        values = drawn.tolist()
    first = words_of(KEY, 6)
    assert values == [first[2 * i] << 32 | first[2 * i + 1] for i in range(3)]


def test_nothing_drawn_is_empty():
    assert jax.random.bits(KEY, (0, 3), "uint32").shape == (0, 3)


def test_compiled_equals_uncompiled():
    draw = lambda key: jax.random.normal(jax.random.fold_in(key, 3), (5, 7), jnp.float32)
    with jax.disable_jit():
        eager = draw(KEY)
    np.testing.assert_array_equal(jax.jit(draw)(KEY), eager)


def test_many_keys_at_once_equal_one_after_the_other():
    keys = jax.random.split(KEY, 5)
    draw = jax.jit(lambda key: jax.random.bits(key, (9,), jnp.uint32))
    np.testing.assert_array_equal(jax.vmap(draw)(keys), jnp.stack([draw(key) for key in keys]))


def test_split_and_fold_in_give_new_keys():
    pieces = jax.random.split(KEY, (3, 4))
    assert pieces.shape == (3, 4)
    folded = jnp.stack([jax.random.fold_in(KEY, n) for n in range(100, 120)])
    everything = [jax.random.key_data(keys).reshape(-1, 2) for keys in (KEY, pieces, folded)]
    assert len(np.unique(np.concatenate(everything), axis=0)) == 1 + 12 + 20


def test_a_permutation_has_every_number_once():
    for seed in range(3):
        shuffled = jax.random.permutation(jax.random.key(seed, impl=PHILOX), 100)
        assert sorted(shuffled.tolist()) == list(range(100))
        assert shuffled.tolist() != list(range(100))


def test_a_large_draw_begins_with_the_words_of_a_small_one():
    large = jax.jit(lambda key: jax.random.bits(key, (LARGE + 5,), jnp.uint32)[:7])(KEY)
    np.testing.assert_array_equal(large, words_of(KEY, 7))


def test_nothing_of_a_large_draw_waits_outside_a_loop():
    def summed(key):
        draw = lambda turn: jax.random.bits(jax.random.fold_in(key, turn), (LARGE,), jnp.uint32)
        add = lambda turn, total: total + jnp.sum(draw(turn) & jnp.uint32(1))
        return jax.lax.fori_loop(0, 4, add, jnp.uint32(0))

    analysis = jax.jit(summed).lower(KEY).compile().memory_analysis()
    # One array of words at most; two of products would be twice that.
    assert analysis.temp_size_in_bytes < 1.1 * 4 * LARGE


def test_keys_know_their_generator():
    assert is_philox(KEY)
    assert is_philox(jax.random.split(KEY))
    assert jax.jit(lambda key: jnp.bool_(is_philox(key)))(KEY)
    assert not is_philox(jax.random.key(5))
