"""The forward pass: the perceptron's formula, any Flax module, any plain function of weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.errors import InputError
from neuromgd.network.mlp import INITIAL_WEIGHTS, MLP
from neuromgd.network.network import Network, from_module
from neuromgd.network.neurons import ACTIVATIONS
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, samples
from tests.statistics import assert_distribution

KEY = root_key(0, 0)
SHAPES = {
    "Dense_0": {"kernel": (5, 6), "bias": (6,)},
    "Dense_1": {"kernel": (6, 3), "bias": (3,)},
}
BY_HAND = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "linear": lambda x: x,
}


def started(network, key=KEY):
    """First weights of a network."""
    return jax.jit(network.initialise)(key)


@pytest.mark.parametrize("initial", INITIAL_WEIGHTS)
def test_every_layer_is_an_array_of_weights_and_one_of_biases(initial):
    theta = started(from_module(MLP((6, 3), initial_weights=initial), (5,)))
    assert jax.tree.map(jnp.shape, theta) == SHAPES
    assert {leaf.dtype for leaf in jax.tree.leaves(theta)} == {jnp.dtype("float32")}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_perceptron_is_its_formula(activation):
    module = MLP((6, 3), activation, output_activation="sigmoid", initial_weights="uniform")
    network = from_module(module, (5,))
    theta = started(network)
    x = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    one, two = (theta[f"Dense_{layer}"] for layer in range(2))
    hidden = BY_HAND[activation](x @ np.asarray(one["kernel"]) + one["bias"][None])
    expected = BY_HAND["sigmoid"](hidden @ np.asarray(two["kernel"]) + two["bias"][None])
    np.testing.assert_allclose(network.apply(theta, jnp.asarray(x)), expected, rtol=1e-5)


def test_an_image_enters_as_one_row():
    network = from_module(MLP((3,)), (2, 4, 3))
    theta = started(network)
    x = jax.random.normal(KEY, (7, 2, 4, 3))
    assert theta["Dense_0"]["kernel"].shape == (24, 3)
    np.testing.assert_array_equal(network.apply(theta, x), network.apply(theta, x.reshape(7, 24)))


def test_weights_start_as_their_names_say():
    def first(initial):
        theta = started(from_module(MLP((100,), initial_weights=initial), (200,)))
        return theta["Dense_0"]

    uniform = first("uniform")
    assert_distribution(uniform["kernel"], lambda w: np.clip(w + 0.5, 0, 1))
    assert uniform["bias"].std() > 0
    # LeCun and He: truncated normals of variance 1/n and 2/n for n inputs.
    for initial, variance in (("lecun", 1 / 200), ("he", 2 / 200)):
        array = first(initial)
        assert float(array["kernel"].var()) == pytest.approx(variance, rel=0.03)
        assert (array["bias"] == 0).all()


def test_a_network_starts_the_same_from_the_same_key():
    network = from_module(MLP((6, 3)), (5,))
    one, again, other = (started(network, key) for key in (KEY, KEY, root_key(0, 1)))
    jax.tree.map(np.testing.assert_array_equal, one, again)
    assert (one["Dense_0"]["kernel"] != other["Dense_0"]["kernel"]).all()


class Convolutional(nn.Module):
    """A Flax module that knows nothing of chips."""

    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Conv(2, (3, 3))(x))
        x = nn.LayerNorm()(x)
        return nn.Dense(3)(x.reshape(x.shape[0], -1))


def test_any_flax_module_is_a_network():
    network = from_module(Convolutional(), (4, 4, 1))
    theta = started(network)
    assert set(theta) == {"Conv_0", "LayerNorm_0", "Dense_0"}
    x = jnp.ones((2, 4, 4, 1))
    expected = jax.jit(Convolutional().apply)({"params": theta}, x)
    np.testing.assert_array_equal(jax.jit(network.apply)(theta, x), expected)
    assert expected.shape == (2, 3)


class Normalised(nn.Module):
    """Keeps running means, which are no weights."""

    @nn.compact
    def __call__(self, x):
        return nn.BatchNorm(use_running_average=False)(nn.Dense(3)(x))


class Constant(nn.Module):
    """Has no weights at all."""

    def __call__(self, x):
        return x


@pytest.mark.parametrize(
    ("module", "line"),
    [(Normalised(), "Normalised: .*also has: batch_stats"), (Constant(), "Constant: .*weights")],
)
def test_a_module_that_keeps_more_or_less_than_weights_is_refused(module, line):
    with pytest.raises(InputError, match=line) as refused:
        from_module(module, (5,))
    assert "\n" not in str(refused.value)


def test_a_plain_function_of_weights_is_a_network_that_learns():
    # A line with a slope and no more: two arrays, one of them a scalar.
    def initialise(key):
        return {"slope": jax.random.normal(key, (5, 3), jnp.float32), "gain": jnp.float32(1)}

    network = Network(initialise, lambda theta, x: theta["gain"] * (x @ theta["slope"]))
    machine = Machine(Design(network), IDEAL, Tau(1, 8, 8))
    chip = fabricate(machine, KEY)
    step = jax.jit(lambda chip, n, shown: window(machine, chip, n, shown))
    shown = samples(8, seed=0)
    costs = []
    for n in range(60):
        chip, record = step(chip, jnp.int32(n), shown)
        costs.append(float(record.cost))
    assert np.mean(costs[-10:]) < 0.7 * costs[0]
    np.testing.assert_array_equal(chip.cells["gain"].writes, 60)
