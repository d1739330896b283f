"""Activation circuits, each with its own static defects."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.network.converters import converters
from neuromgd.network.forward import forward
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.neurons import Defects, Neurons, defects
from neuromgd.network.params import NetworkParams
from neuromgd.network.survey import survey
from neuromgd.randomness import root_key
from tests.statistics import assert_mean, assert_uncorrelated, assert_variance

SIGMA = 0.1
KEY = root_key(4, 0)


def defective(activation, spread, key, layer, x):
    """What a layer of neurons gives for (samples, neurons)."""
    own = Defects(*(one[None] for one in defects(spread, key, layer, x.shape[1:])))
    return own.out_of(activation(own.into(x)))


def curves(chips=4000):
    """The defects of some neurons of many chips, read off a linear activation."""
    keys = jax.vmap(lambda number: root_key(4, number))(jnp.arange(chips))

    def one(key):
        h = lambda x: x
        at = lambda value: defective(h, jnp.float32(SIGMA), key, 1, jnp.full((1, 6), value))[0]
        return at(0.0), at(1.0) - at(0.0)

    return [np.asarray(part, float) for part in jax.jit(jax.vmap(one))(keys)]


def test_a_linear_neuron_shows_its_four_defects():
    at_zero, slope = curves()
    # f = (1+σξ₁)(1+σξ₂)(x − σξ₃) + σξ₄: products of independent normals.
    factor = (1 + SIGMA**2) ** 2
    assert_mean(slope, 1, factor - 1, sees=0.13)
    assert_mean(at_zero, 0, SIGMA**2 * (factor + 1), sees=0.13)
    assert_uncorrelated(np.concatenate([at_zero, slope], axis=1))


def test_an_offset_is_seen_where_the_activation_is_flat():
    keys = jax.vmap(lambda number: root_key(5, number))(jnp.arange(20_000))
    flat = lambda x: jnp.zeros_like(x)
    offset = jax.vmap(lambda key: defective(flat, jnp.float32(SIGMA), key, 0, jnp.ones((1, 3)))[0])(
        keys
    )
    assert_variance(np.asarray(offset, float), SIGMA**2)


@pytest.mark.slow
def test_defects_stay_from_reading_to_reading_and_differ_between_layers():
    x = jnp.ones((5, 7))
    first, second = (defective(jnp.tanh, jnp.float32(SIGMA), KEY, layer, x) for layer in (0, 1))
    np.testing.assert_array_equal(first, jnp.broadcast_to(first[:1], first.shape))
    assert np.abs(first - second).min() > 0


@pytest.mark.parametrize("activation", [pytest.param("relu", marks=pytest.mark.slow), "sigmoid"])
def test_strength_zero_is_absence(activation):
    network = from_module(MLP((6, 3), activation=activation), (4,))
    theta, x = network.initialise(KEY), jax.random.normal(jax.random.key(0), (5, 4))
    keys = jax.random.split(KEY, 5)
    run = lambda params: forward(network, params, converters(params), theta, x, keys, chip_key=KEY)
    ideal = run(NetworkParams())
    np.testing.assert_array_equal(run(NetworkParams(activation_defects=jnp.float32(0))), ideal)
    assert np.abs(run(NetworkParams(activation_defects=jnp.float32(SIGMA))) - ideal).max() > 0.01


def test_neurons_of_any_function_stand_in_any_module():
    class Own(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = Neurons(jnp.sin)(nn.Conv(3, (2,))(x[..., None]))
            return Neurons("linear")(nn.Dense(2)(x.reshape(len(x), -1)))

    network = from_module(Own(), (4,))
    assert survey(network, (4,), jnp.float32).layers == 2
