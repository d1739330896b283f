"""Modules of other libraries give what they give by themselves, and learn as any network does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.errors import InputError
from neuromgd.network.adapters import from_equinox, from_nnx
from neuromgd.network.network_check import refuse_network
from neuromgd.network.survey import survey
from tests.chip.small import IDEAL, samples

X = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
SAMPLE = jax.ShapeDtypeStruct((2, 5), jnp.float32)


class Net(nnx.Module):
    def __init__(self, rngs, kind=jnp.float32):
        self.hidden = nnx.List([nnx.Linear(5, 6, rngs=rngs, param_dtype=kind, dtype=kind)])
        self.last = nnx.Linear(6, 3, rngs=rngs)

    def __call__(self, x):
        for layer in self.hidden:
            x = jnp.tanh(layer(x))
        return self.last(x.astype(jnp.float32))


def learns(network):
    """The cost of one batch falls, window by window, and every array of weights moves."""
    machine = Machine(Design(network=network), IDEAL, Tau(1, 12, 12))
    chip = fabricate(machine, jax.random.key(0))
    before, shown, costs = weights(chip), samples(12, 0), []
    one = jax.jit(lambda chip, n: window(machine, chip, n, shown))
    for n in range(200):
        chip, record = one(chip, jnp.int32(n))
        costs.append(float(record.cost))
    assert np.mean(costs[-20:]) < np.mean(costs[:20]) - 0.05
    moved = jax.tree.map(lambda a, b: float(jnp.max(jnp.abs(a - b))), before, weights(chip))
    assert min(jax.tree.leaves(moved)) > 0


def test_a_module_of_nnx_is_what_it_is_by_itself():
    network = from_nnx(lambda rngs: Net(rngs))
    refuse_network(network, "Net", SAMPLE)
    theta = network.initialise(jax.random.key(1))
    assert jax.tree.map(jnp.shape, theta) == {
        "hidden": {"0": {"bias": (6,), "kernel": (5, 6)}},
        "last": {"bias": (3,), "kernel": (6, 3)},
    }
    own = Net(nnx.Rngs(0))
    own.hidden[0].kernel[...] = theta["hidden"]["0"]["kernel"]
    own.hidden[0].bias[...] = theta["hidden"]["0"]["bias"]
    own.last.kernel[...], own.last.bias[...] = theta["last"]["kernel"], theta["last"]["bias"]
    np.testing.assert_allclose(network.apply(theta, jnp.asarray(X)), own(jnp.asarray(X)), rtol=1e-6)
    other = network.initialise(jax.random.key(2))
    assert jnp.abs(other["last"]["kernel"] - theta["last"]["kernel"]).max() > 0.1
    # Effects of arrays have no place to act at, and the survey says so.
    assert survey(network._replace(inputs=(5,)), (5,), jnp.float32).arrays == ()


def test_a_module_of_nnx_learns():
    learns(from_nnx(lambda rngs: Net(rngs)))


class Norm(nnx.Module):
    def __init__(self, rngs):
        self.norm = nnx.BatchNorm(5, rngs=rngs)

    def __call__(self, x):
        return self.norm(x)


class Drop(nnx.Module):
    def __init__(self, rngs):
        self.drop, self.last = nnx.Dropout(0.2, rngs=rngs), nnx.Linear(5, 3, rngs=rngs)

    def __call__(self, x):
        return self.last(self.drop(x))


@pytest.mark.parametrize(
    ("module", "complaint"),
    [(Norm, "Norm: a chip stores weights only .*norm/mean"), (Drop, "Drop draws random numbers")],
)
def test_what_a_chip_cannot_keep_is_refused(module, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        from_nnx(lambda rngs: module(rngs))
    assert "\n" not in str(refused.value)


def test_complex_weights_are_refused_with_the_way_out():
    network = from_nnx(lambda rngs: Net(rngs, jnp.complex64))
    with pytest.raises(InputError, match="real and imaginary parts in two real arrays"):
        refuse_network(network, "Net", SAMPLE)


def test_a_module_of_equinox_is_what_it_is_by_itself_and_learns():
    eqx = pytest.importorskip("equinox")
    make = lambda key: eqx.nn.MLP(5, 3, 6, 1, activation=jnp.tanh, key=key)
    network = from_equinox(make)
    refuse_network(network, "MLP", SAMPLE)
    key = jax.random.key(1)
    expected = jax.vmap(make(key))(jnp.asarray(X))
    theta = network.initialise(key)
    assert jax.tree.map(jnp.shape, theta["layers"]["0"]) == {"weight": (6, 5), "bias": (6,)}
    np.testing.assert_allclose(network.apply(theta, jnp.asarray(X)), expected, rtol=1e-6)
    learns(network)


def test_dropout_of_equinox_is_refused_unless_it_is_still():
    eqx = pytest.importorskip("equinox")

    def make(key):
        return eqx.nn.Sequential([eqx.nn.Dropout(0.2), eqx.nn.Linear(5, 3, key=key)])

    with pytest.raises(InputError, match="Sequential draws random numbers"):
        from_equinox(make)
    still = from_equinox(lambda key: eqx.nn.inference_mode(make(key)))
    assert still.apply(still.initialise(jax.random.key(0)), jnp.asarray(X)).shape == (4, 3)
