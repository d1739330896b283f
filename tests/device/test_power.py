"""The power law: its closed solution against one pulse after the other, and against soft bounds."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.device.laws import LAWS
from neuromgd.device.response import response
from tests.device.cells import number, params, pulse_by_pulse

LOW, HIGH = -0.5, 1.5
WEIGHTS = np.linspace(LOW, HIGH, 9)


def cells(exponent, step=0.01, **noise):
    return response(params(update_step=step, weight_min=LOW, weight_max=HIGH,
                           power_exponent=exponent, **noise))  # fmt: skip


def after(law, of, weight, count):
    return law.pulses(of, number(weight), jnp.full(np.shape(weight), float(count)))


def step(exponent, size, sign):
    share = lambda w: ((HIGH - w) if sign > 0 else (w - LOW)) / (HIGH - LOW)
    return lambda w: sign * size * share(w) ** exponent


@settings(max_examples=60)
@given(st.floats(1, 10), st.integers(-300, 300).filter(bool), st.sampled_from([1e-3, 0.01, 0.1]))
def test_pulses_at_once_are_pulses_one_by_one(exponent, count, size):
    one_by_one = pulse_by_pulse(
        step(exponent, size, np.sign(count)), WEIGHTS, abs(count), (LOW, HIGH)
    )
    at_once = after(LAWS["power"], cells(exponent, size), WEIGHTS, count)[0]
    # Third order in p h, besides float32.
    close = 5e-6 + 1e-2 * (exponent * size / (HIGH - LOW)) ** 3
    np.testing.assert_allclose(at_once, one_by_one, rtol=0, atol=close)


@pytest.mark.parametrize("count", [1, 7, 200, -1, -60])
def test_an_exponent_of_one_is_a_soft_bound(count):
    soft = response(params(update_step=0.01, weight_min=-1, weight_max=1, nonlinearity_up=1,
                           nonlinearity_down=1, cycle_noise=0.2))  # fmt: skip
    # At zero weight half of the window is ahead, and so is half of the step.
    power = response(params(update_step=0.02, weight_min=-1, weight_max=1, power_exponent=1,
                            cycle_noise=0.2))  # fmt: skip
    weight = np.linspace(-0.9, 0.9, 7)
    expected, variance = after(LAWS["linear"], soft, weight, count)
    mean, own = after(LAWS["power"], power, weight, count)
    np.testing.assert_allclose(mean, expected, atol=3e-6)
    np.testing.assert_allclose(own, variance, rtol=0.02)


@pytest.mark.parametrize("count", [1, 40, -40])
@pytest.mark.parametrize("noise", ["cycle_noise", "cycle_noise_additive"])
@pytest.mark.parametrize("exponent", [1.0, 3.0])
def test_noise_has_the_moments_of_pulses_one_by_one(noise, count, exponent):
    size, start, rng = 0.005, 0.3, np.random.default_rng(0)
    one = step(exponent, size, np.sign(count))
    draw = lambda w: (
        0.3 * (one(w) if noise == "cycle_noise" else size) * rng.standard_normal(w.shape)
    )
    loop = pulse_by_pulse(one, np.full(50_000, start), abs(count), noise=draw)
    mean, variance = after(LAWS["power"], cells(exponent, size, **{noise: 0.3}), [start], count)
    assert loop.mean() == pytest.approx(float(mean[0]), abs=0.03 * loop.std())
    # First order in the noise, and five deviations of the variance of 50,000 draws.
    assert loop.var() == pytest.approx(float(variance[0]), rel=0.02 + 5 * np.sqrt(2 / len(loop)))


def test_at_its_bound_a_cell_stays():
    for bound, count in ((HIGH, 5), (LOW, -5)):
        np.testing.assert_array_equal(after(LAWS["power"], cells(2.0), [bound], count)[0], [bound])
