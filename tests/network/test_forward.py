"""The forward pass through arrays: converters and noise where they belong, and nowhere else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.converter import top_level
from neuromgd.network.converters import Converters, converters
from neuromgd.network.forward import forward
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams, Ranges
from neuromgd.network.ranges import observed_ranges
from tests.statistics import assert_mean, assert_same_distribution, assert_uncorrelated

READS = 4000
passed = jax.jit(forward, static_argnums=0)
SIGMA = 0.05


def number(value):
    return jnp.asarray(value, jnp.float32)


def keys(count):
    return jax.random.split(jax.random.key(5), count)


class Dense(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(4)(x)


class Convolution(nn.Module):
    @nn.compact
    def __call__(self, x):
        y = nn.Conv(4, (2, 3), strides=2, padding="SAME", feature_group_count=2)(x)
        return y.reshape(len(x), -1)[:, ::5]


MODULES = {"dense": (Dense(), (6,)), "convolution": (Convolution(), (5, 6, 2))}


@pytest.mark.parametrize("name", ["dense", pytest.param("convolution", marks=pytest.mark.slow)])
def test_read_noise_as_output_noise_is_noise_of_every_weight(name):
    """Σ x_j ξ_j of independent cells has one distribution, whether drawn by cell or by output."""
    module, shape = MODULES[name]
    network = from_module(module, shape)
    theta = jax.jit(network.initialise)(jax.random.key(0))
    x = jax.random.normal(jax.random.key(1), shape)

    def noisy_cells(key):
        leaves, structure = jax.tree.flatten(theta)
        own = jax.random.split(key, len(leaves))
        noisy = [
            w + SIGMA * jax.random.normal(k, w.shape) for k, w in zip(own, leaves, strict=True)
        ]
        return network.apply(jax.tree.unflatten(structure, noisy), x[None])[0]

    params = NetworkParams(read_noise=number(SIGMA))
    many = jnp.broadcast_to(x, (READS, *shape))
    ours = passed(network, params, converters(params), theta, many, keys(READS))
    cells = jax.jit(jax.vmap(noisy_cells))(jax.random.split(jax.random.key(9), READS))
    ideal = np.asarray(network.apply(theta, x[None])[0])
    for output in range(ours.shape[1]):
        assert_same_distribution(ours[:, output], cells[:, output])
    variance = np.asarray(cells, float).var(0, ddof=1)
    assert_mean(ours, ideal, variance, sees=0.15)
    if name == "dense":
        # Each output has cells of its own; outputs of a convolution share theirs.
        assert_uncorrelated(ours)


def test_output_noise_is_fresh_for_every_sample_and_output():
    network = from_module(Dense(), (6,))
    theta = jax.jit(network.initialise)(jax.random.key(0))
    x = jnp.zeros((READS, 6))
    noise = passed(
        network, NetworkParams(output_noise=number(SIGMA)), Converters(), theta, x, keys(READS)
    )
    assert_uncorrelated(noise)
    assert_mean(np.square(noise), SIGMA**2, 2 * SIGMA**4, sees=0.15)


def test_every_array_has_its_own_noise():
    network = from_module(MLP((6, 6), activation="linear", initial_weights="lecun"), (6,))
    theta = jax.tree.map(
        lambda w: jnp.eye(6) if w.ndim == 2 else w, jax.jit(network.initialise)(keys(1)[0])
    )
    params = NetworkParams(output_noise=number(SIGMA))
    noise = passed(network, params, converters(params), theta, jnp.zeros((READS, 6)), keys(READS))
    assert_mean(np.square(noise), 2 * SIGMA**2, 8 * SIGMA**4, sees=0.15)


def test_converters_round_what_goes_in_and_what_comes_out():
    network = from_module(Dense(), (6,))
    theta = jax.jit(network.initialise)(jax.random.key(0))
    x = jax.random.uniform(jax.random.key(1), (50, 6), minval=-2, maxval=2)
    params = NetworkParams(
        dac_top=top_level(4), dac_range=number(1), adc_top=top_level(5), adc_range=number(0.8)
    )
    steps = np.round(np.clip(np.asarray(x), -1, 1) * 7) / 7
    analog = np.asarray(network.apply(theta, jnp.asarray(steps, jnp.float32)))
    expected = np.round(np.clip(analog / 0.8, -1, 1) * 15) / 15 * 0.8
    ours = passed(network, params, converters(params), theta, x, keys(50))
    # A value on the edge between two codes may fall to either side.
    is_off = np.abs(np.asarray(ours) - expected) > 1e-5
    assert is_off.mean() < 0.02
    assert len(np.unique(np.round(np.asarray(ours), 5))) <= 31


def test_an_array_sets_its_ranges_by_what_it_sees():
    network = from_module(MLP((8, 3)), (6,))
    theta = jax.jit(network.initialise)(jax.random.key(0))
    x = jax.random.normal(jax.random.key(1), (32, 6))
    ranges = jax.jit(observed_ranges, static_argnums=0)(network, theta, x)
    hidden = x @ theta["Dense_0"]["kernel"] + theta["Dense_0"]["bias"][None]
    np.testing.assert_allclose(ranges.dac, [jnp.abs(x).max(), hidden.max()], rtol=1e-5)
    np.testing.assert_allclose(ranges.adc[0], jnp.abs(hidden).max(), rtol=1e-5)
    fine = NetworkParams(dac_top=top_level(16), adc_top=top_level(16))
    own = Ranges(dac=ranges.dac, adc=ranges.adc)
    np.testing.assert_allclose(
        passed(network, fine, converters(fine, own), theta, x, keys(32)),
        network.apply(theta, x),
        atol=1e-3,
    )


def test_an_ideal_periphery_is_absent_from_the_program():
    network = from_module(MLP((8, 3)), (6,))
    theta, x = jax.jit(network.initialise)(jax.random.key(0)), jnp.ones((2, 6))
    plain = jax.make_jaxpr(network.apply)(theta, x)
    ours = jax.make_jaxpr(
        lambda theta, x: forward(network, NetworkParams(), Converters(), theta, x, keys(2))
    )
    assert [str(e.primitive) for e in plain.eqns] == [
        str(e.primitive) for e in ours(theta, x).eqns[-len(plain.eqns) :]
    ]
