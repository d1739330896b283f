"""Named streams: the same seed gives the same numbers, and no two synapses share a draw."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.randomness import GENERATORS, Stream, each, root_key, stream
from neuromgd.synapse.codes.rademacher import draw
from tests.statistics import assert_uncorrelated

# Two leaves are of equal size and one is of one synapse: what a shared key would make alike.
ARRAYS = {"a": jnp.zeros((5, 6)), "b": jnp.zeros((6, 5)), "c": jnp.zeros(7), "d": jnp.zeros(1)}
SLOTS = 2**14

all_generators = pytest.mark.parametrize("generator", GENERATORS)


def words(key):
    return np.asarray(jax.random.key_data(key)).tolist()


@pytest.fixture(scope="module", params=GENERATORS)
def kicks(request):
    """(slots, synapses) signs of a small network over many perturbations."""

    @jax.jit
    def perturbations(key):
        return jax.vmap(lambda slot: draw(key, ARRAYS, slot))(jnp.arange(SLOTS, dtype=jnp.int32))

    of_leaf = jax.tree.leaves(perturbations(root_key(2, 0, request.param)))
    return np.concatenate([np.asarray(leaf).reshape(SLOTS, -1) for leaf in of_leaf], axis=1)


def test_no_two_synapses_share_their_perturbations(kicks):
    assert_uncorrelated(kicks)


def test_no_synapse_sees_what_another_saw_a_slot_before(kicks):
    assert_uncorrelated(np.concatenate([kicks[1::2], kicks[::2]], axis=1))


def test_arrays_of_equal_size_differ(kicks):
    assert (kicks[:, :30] != kicks[:, 30:60]).any(axis=0).all()


@all_generators
def test_every_name_has_a_stream_of_its_own(generator):
    @jax.jit
    @partial(jax.vmap, in_axes=(0, None))
    @partial(jax.vmap, in_axes=(None, 0))
    def of_every_stream(chip, n):
        return jnp.stack([stream(root_key(3, chip, generator), which, n) for which in Stream])

    keys = of_every_stream(jnp.arange(3, dtype=jnp.int32), jnp.arange(50, dtype=jnp.int32))
    found = jax.random.key_data(keys.reshape(-1))
    assert len(np.unique(found, axis=0)) == 3 * 50 * len(Stream)


@all_generators
def test_every_array_has_a_key_of_its_own(generator):
    key = root_key(0, 0, generator)
    keys = each(key, Stream.WRITE, 4, ARRAYS)
    assert jax.tree.structure(keys) == jax.tree.structure(ARRAYS)
    assert len(np.unique([words(k) for k in jax.tree.leaves(keys)], axis=0)) == len(ARRAYS)


@all_generators
def test_one_seed_gives_one_set_of_numbers(generator):
    again = [words(stream(root_key(7, 1, generator), Stream.COST, 12)) for _ in range(2)]
    assert again[0] == again[1]
    assert again[0] != words(stream(root_key(8, 1, generator), Stream.COST, 12))
    assert again[0] != words(stream(root_key(7, 2, generator), Stream.COST, 12))


@all_generators
def test_a_compiled_program_draws_the_same(generator):
    key = root_key(1, 0, generator)
    compiled = jax.jit(lambda key, n: stream(key, Stream.UPDATE, n))(key, jnp.int32(9))
    assert words(compiled) == words(stream(key, Stream.UPDATE, 9))


def test_the_number_of_a_stream_is_never_reused():
    # Renumbering a stream would change the draws of every run that was published.
    named = {"INITIAL": 0, "ORDER": 1, "CODE": 2, "AMPLITUDE_SPREAD": 3, "COST": 4}
    named |= {"COST_REFERENCE": 5, "PULSE_ROUNDING": 6, "CYCLE": 7, "UPDATE": 8, "WRITE": 9}
    assert {name: Stream[name].value for name in named} == named
    assert len({which.value for which in Stream}) == len(Stream.__members__)
