"""The perturbation codes: what each is, and what a circuit makes of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.errors import InputError
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.codes import code as make
from neuromgd.synapse.codes.rademacher import signs
from neuromgd.synapse.perturb import applied, fabricate, perturb
from neuromgd.synapse.state import SynapseParams
from tests.statistics import assert_mean, assert_rate, assert_uncorrelated, assert_variance

ARRAYS = {"kernel": jnp.zeros((5, 7)), "bias": jnp.zeros(7)}
SYNAPSES = 42
HALF = jnp.float32(0.5)
KEY = root_key(6, 0)


def flat(patterns):
    """(slots, synapses) of a pytree of patterns with a leading axis of slots."""
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(patterns)]
    return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1)


@pytest.fixture(scope="module", params=CODES)
def code(request):
    return CODES[request.param]


@pytest.fixture(scope="module")
def rademacher():
    """(2¹⁴, synapses) signs, and those of another chip."""

    @jax.jit
    def draw(key):
        slots = jnp.arange(2**14, dtype=jnp.int32)
        return jax.vmap(lambda slot: CODES["rademacher"].draw(key, ARRAYS, slot))(slots)

    return flat(draw(KEY)), flat(draw(root_key(6, 1)))


def test_rademacher_signs_are_plus_and_minus_one(rademacher):
    assert set(np.unique(rademacher[0])) == {-1.0, 1.0}


def test_rademacher_signs_are_balanced(rademacher):
    drawn, _ = rademacher
    assert_mean(drawn, 0, 1, sees=0.07)
    assert_rate((drawn > 0).sum(), drawn.size, 0.5)


def test_rademacher_signs_are_independent_between_synapses_and_chips(rademacher):
    assert_uncorrelated(np.concatenate(rademacher, axis=1))


def test_rademacher_signs_are_independent_in_time(rademacher):
    drawn, _ = rademacher
    for lag in (1, 2, 32):
        # Products of two independent signs are independent signs.
        assert_rate((drawn[lag:] == drawn[:-lag]).sum(), drawn[lag:].size, 0.5)


@pytest.mark.parametrize("shape", [(), (1,), (31,), (32,), (33,), (4, 16), (3, 0)])
def test_arrays_of_any_size_get_a_sign_for_each_synapse(shape):
    drawn = signs(KEY, shape)
    assert drawn.shape == shape
    assert set(np.unique(drawn)) <= {-1.0, 1.0}


@pytest.mark.parametrize("rows", [1, 31, 32, 33])
def test_a_taller_array_begins_with_the_same_signs(rows):
    taller = signs(KEY, (128, 7))
    np.testing.assert_array_equal(signs(KEY, (rows, 7)), taller[:rows])


def synapse(**values):
    values = {"amplitude": 0.02, "learning_rate": 1.0} | values
    return SynapseParams(**{name: jnp.float32(value) for name, value in values.items()})


def test_a_perturbation_is_the_code_times_the_amplitude(code):
    stored = perturb(code, synapse(), ARRAYS, KEY, jnp.int32(5))
    pattern = jax.jit(code.draw)(KEY, ARRAYS, jnp.int32(5))
    jax.tree.map(
        lambda a, b: np.testing.assert_array_equal(a, np.float32(0.02) * b), stored, pattern
    )


def test_without_spread_what_is_stored_is_what_is_applied(code):
    traits = fabricate(synapse(), ARRAYS, ARRAYS, KEY)
    assert traits.amplitude_gain is None
    stored = perturb(code, synapse(), ARRAYS, KEY, jnp.int32(0))
    assert applied(traits, stored) is stored


def test_the_spread_of_amplitudes_is_fixed_and_independent():
    params = synapse(amplitude_spread=0.1)
    large = {"a": jnp.zeros((64, 128)), "b": jnp.zeros((128, 64))}
    traits, again = (fabricate(params, large, large, KEY) for _ in range(2))
    jax.tree.map(np.testing.assert_array_equal, traits, again)
    gains = np.stack([leaf.ravel() for leaf in jax.tree.leaves(traits)], axis=1)
    assert_mean(gains, 1, 0.01, sees=0.09)
    assert_variance(gains, 0.01)
    assert_uncorrelated(gains)
    # Every kick of a synapse is too large or too small by the same factor.
    ones = jax.tree.map(jnp.ones_like, large)
    kicked = applied(traits, jax.tree.map(lambda one: 0.02 * one, ones))
    jax.tree.map(
        lambda kick, gain: np.testing.assert_allclose(kick, 0.02 * gain, rtol=1e-6),
        kicked,
        traits.amplitude_gain,
    )


@pytest.mark.parametrize("count", [1, 5, 32, 64])
def test_factors_of_a_block_are_the_patterns_of_its_slots(count):
    """Blocks of whole words and others, unpacked by slots and by rows."""
    arrays = {"kernel": jnp.zeros((3, 7)), "bias": jnp.zeros(4), "filter": jnp.zeros((2, 3, 5))}
    key, block = root_key(4, 2), 3
    product = CODES["product"]
    factors = jax.jit(product.factors, static_argnums=3)(key, arrays, jnp.int32(block), count)
    draw = jax.jit(product.draw)
    for place in {0, count // 2, count - 1}:
        drawn = draw(key, arrays, jnp.int32(block * count + place))
        for name, array in arrays.items():
            own = factors[name]
            pattern = own.rows[place][:, None] * own.columns[place][None]
            np.testing.assert_array_equal(pattern.reshape(array.shape), drawn[name])
            np.testing.assert_array_equal(own.across, own.rows.T)


def test_one_product_is_the_code_of_products_and_two_are_added():
    product, slot = CODES["product"], jnp.int32(21)
    rank_one = make("low_rank", rank=1).draw(KEY, ARRAYS, slot)
    jax.tree.map(np.testing.assert_array_equal, rank_one, product.draw(KEY, ARRAYS, slot))
    first, second = (product.draw(KEY, ARRAYS, 2 * slot + place) for place in (0, 1))
    rank_two = make("low_rank", rank=2).draw(KEY, ARRAYS, slot)
    jax.tree.map(
        lambda a, b, c: np.testing.assert_allclose(a, (b + c) / np.sqrt(2), rtol=1e-6),
        rank_two, first, second,
    )  # fmt: skip
    assert np.linalg.matrix_rank(rank_two["kernel"]) == 2


def test_all_are_kicked_where_the_share_is_one():
    drawn = make("sparse", kick_share=1).draw(KEY, ARRAYS, jnp.int32(3))
    assert set(np.unique(flat(jax.tree.map(lambda a: a[None], drawn)))) == {-1.0, 1.0}
    assert make("sparse", kick_share=1).excess(42, HALF) == CODES["rademacher"].excess(42, HALF)


def test_equal_numbers_are_one_code():
    assert make("sparse") == CODES["sparse"]
    assert hash(make("lfsr", register_bits=9)) == hash(make("lfsr", register_bits=9))
    assert make("low_rank", rank=2) != make("low_rank", rank=3)


@pytest.mark.parametrize(
    ("name", "numbers"), [("sparse", {"kick_share": 1.5}), ("low_rank", {"register_bits": 8})]
)
def test_numbers_out_of_range_or_of_other_codes_are_refused(name, numbers):
    with pytest.raises(InputError, match=f"code '{name}'"):
        make(name, **numbers)
