"""Converters that are not as meant: gain and offset of every column, bow, codes from zero on."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.node import NODE
from neuromgd.chip.modes.weight import WEIGHT
from neuromgd.chip.window import window, window_by_steps
from neuromgd.converter import converter, top_level
from neuromgd.network.columns import bent
from neuromgd.network.converters import converters
from neuromgd.network.forward import forward
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, ONE_LAYER, number, samples
from tests.statistics import assert_uncorrelated, assert_variance

TOP, FULL = top_level(8), number(2.0)
LSB = 2.0 / 127
ADC = converter(FULL, TOP)
COLUMNS = 4_000


def seen(key, array, value, **numbers):
    params = NetworkParams(**{name: number(one) for name, one in numbers.items()})
    return np.asarray(bent(params, ADC, key, array, number(value)))


def test_gain_and_offset_are_of_each_column_and_array_and_last():
    key, errors = root_key(1, 0), dict(adc_gain_spread=0.02, adc_offset_spread=1.5)
    value = np.stack([np.zeros(COLUMNS), np.full(COLUMNS, 1.0), np.full(COLUMNS, -1.0)])
    zero, one, minus = seen(key, 0, value, **errors)
    assert_variance(zero / LSB, 1.5**2)
    assert_variance(one - zero - 1, 0.02**2)
    np.testing.assert_allclose(minus - zero, -(one - zero), atol=1e-5)  # a line
    other = seen(key, 1, value, **errors)[0]
    assert_uncorrelated(np.stack([zero, one - zero, other], axis=1))
    np.testing.assert_array_equal(seen(key, 0, value, **errors)[0], zero)
    assert np.abs(seen(root_key(1, 1), 0, value, **errors)[0] - zero).max() > LSB


def test_the_bow_is_its_lsb_in_the_middle_and_nothing_at_both_ends():
    value = np.linspace(-2, 2, 9)
    bow = (seen(None, 0, value, adc_nonlinearity=3.0) - value) / LSB
    np.testing.assert_allclose(bow, 3 * (1 - (value / 2) ** 2), atol=1e-4)


def test_no_strength_is_no_error_bit_for_bit():
    value = np.linspace(-3, 3, 101)
    none = dict(adc_gain_spread=0, adc_offset_spread=0, adc_nonlinearity=0)
    np.testing.assert_array_equal(seen(root_key(1, 0), 0, value, **none), number(value))
    plain = jax.make_jaxpr(lambda v: bent(NetworkParams(), ADC, None, 0, v))(jnp.ones(3))
    assert not plain.eqns


@pytest.mark.parametrize("bits", [1, 4])
def test_codes_from_zero_on_halve_the_step_and_cut_what_is_negative(bits):
    top = top_level(bits, is_unipolar=True)
    assert float(top) == 2**bits - 1
    x = np.linspace(-1, 3, 81, dtype=np.float32)
    given = converter(FULL, top, number(0))(jnp.asarray(x))
    expected = np.round(np.clip(x / 2, 0, 1) * (2**bits - 1)) / (2**bits - 1) * 2
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_columns_of_a_network_are_read_with_their_own_errors():
    network = from_module(nn.Dense(6, use_bias=False), (6,))
    theta = {"kernel": jnp.eye(6)}
    params = NetworkParams(
        dac_top=top_level(8, is_unipolar=True), dac_range=FULL, dac_bottom=number(0), adc_top=TOP,
        adc_range=FULL, adc_offset_spread=number(9), adc_gain_spread=number(0.1),
    )  # fmt: skip
    x = jnp.stack([jnp.full(6, -1.0), jnp.zeros(6), jnp.full(6, 0.5)])
    key, keys = root_key(3, 0), jax.random.split(jax.random.key(0), 3)
    out = np.asarray(forward(network, params, converters(params), theta, x, keys, chip_key=key))
    np.testing.assert_array_equal(out[0], out[1])  # no code is below zero
    expected = bent(params, ADC, key, 0, converter(FULL, number(255), number(0))(x))
    np.testing.assert_allclose(out, ADC(expected), atol=1e-6)
    assert len(np.unique(out[1])) > 3


@pytest.mark.slow
@pytest.mark.parametrize("mode", [WEIGHT, NODE], ids=["weight", "node"])
def test_a_chip_learns_alike_by_windows_and_by_timesteps(mode):
    network = NetworkParams(
        dac_top=top_level(6, is_unipolar=True), dac_range=FULL, dac_bottom=number(0),
        adc_top=top_level(12), adc_range=FULL, adc_gain_spread=number(0.1),
        adc_offset_spread=number(4), adc_nonlinearity=number(8),
    )  # fmt: skip
    params: ChipParams = IDEAL.replace(network=network)
    machine = Machine(Design(ONE_LAYER, mode=mode), params, Tau(1, 2, 4))
    chip, shown = fabricate(machine, root_key(1, 0)), samples(4, seed=0)
    one, other = (
        jax.jit(engine)(machine, chip, jnp.int32(0), shown) for engine in (window, window_by_steps)
    )
    one, other = ((after.cells, record) for after, record in (one, other))
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
