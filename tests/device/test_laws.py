"""Update laws: the closed solution of many pulses against one pulse after the other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.cell_numbers import LAW_NUMBERS
from neuromgd.device.laws import LAWS
from neuromgd.device.response import Response, response
from tests.device.cells import number, params, pulse_by_pulse
from tests.statistics import assert_mean, assert_variance

WEIGHTS = np.linspace(-0.9, 0.9, 7)


def linear(**kwargs) -> Response:
    base = dict(step_up=0.02, step_down=0.03, weight_min=-1.0, weight_max=1.0)
    leaves = {name: number(value) for name, value in (base | kwargs).items()}
    own = {name: leaves.pop(name) for name in LAW_NUMBERS if name in leaves}
    return Response(law_numbers=own, **leaves)


def after(law, cells, weight, count):
    weight = number(weight)
    return law.pulses(cells, weight, jnp.full_like(weight, count))


@settings(max_examples=60)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(-60, 60).filter(bool), st.sampled_from([0, 1]))
def test_linear_pulses_at_once_are_pulses_one_by_one(up, down, count, is_retraced):
    cells = linear(nonlinearity_up=up, nonlinearity_down=down)
    law = LAWS["linear_retrace" if is_retraced else "linear"]
    bound = 1.0 if is_retraced else -1.0

    def step(w):
        return 0.02 * (1 - up * w) if count > 0 else -0.03 * (1 - down * w / bound)

    expected = pulse_by_pulse(step, WEIGHTS, abs(count))
    np.testing.assert_allclose(after(law, cells, WEIGHTS, count)[0], expected, atol=3e-6, rtol=1e-5)


def test_constant_steps_are_the_limit_of_no_nonlinearity():
    for count in (1, 40, -7):
        constant = after(LAWS["linear"], linear(), WEIGHTS, count)[0]
        vanishing = linear(nonlinearity_up=1e-9, nonlinearity_down=0.0)
        np.testing.assert_allclose(
            after(LAWS["linear"], vanishing, WEIGHTS, count)[0], constant, 1e-6
        )


@pytest.mark.parametrize("step", [0.4622, 1.0, 3.0])
def test_steps_as_large_as_the_window_end_at_the_bound(step):
    cells = linear(step_up=step, nonlinearity_up=1.0, cycle_noise=0.2)
    mean, variance = after(LAWS["linear"], cells, WEIGHTS, 100)
    np.testing.assert_allclose(jnp.clip(mean, -1, 1), 1, atol=1e-5)
    assert np.isfinite(variance).all()


@pytest.mark.parametrize("law", ["linear", "linear_retrace"])
@pytest.mark.parametrize("count", [1, 12, -12])
@pytest.mark.parametrize(
    "noise",
    [
        {"cycle_noise": 0.4},
        {"cycle_noise_additive": 0.5},
        {"cycle_noise_absolute": 0.01},
        {"cycle_noise": 0.4, "cycle_noise_additive": 0.5, "cycle_noise_absolute": 0.01},
    ],
    ids=lambda noise: "+".join(noise),
)
def test_noise_of_linear_pulses_has_its_exact_moments(law, count, noise):
    cells = linear(nonlinearity_up=0.7, nonlinearity_down=0.4, **noise)
    mean, variance = after(LAWS[law], cells, np.full(1, 0.3), count)
    bound = 1.0 if count > 0 or law == "linear_retrace" else -1.0
    size, gamma = (0.02, 0.7) if count > 0 else (-0.03, 0.4)
    rng = np.random.default_rng(count % 100)
    relative = noise.get("cycle_noise", 0.0)
    additive = np.hypot(
        abs(size) * noise.get("cycle_noise_additive", 0.0), noise.get("cycle_noise_absolute", 0.0)
    )

    def step(w):
        return size * (1 - gamma * w / bound)

    def draw(w):
        return step(w) * relative * rng.standard_normal(w.shape) + additive * rng.standard_normal(
            w.shape
        )

    loop = pulse_by_pulse(step, np.full(200_000, 0.3), abs(count), noise=draw)
    assert_mean(loop, mean[0], variance[0], sees=0.02)
    assert_variance(loop, variance[0])


def test_many_small_noisy_pulses_are_a_random_walk():
    cells = linear(step_up=1e-5, nonlinearity_up=1e-3, cycle_noise=2.0)
    _, variance = after(LAWS["linear"], cells, np.zeros(1), 100)
    assert variance[0] == pytest.approx(100 * (2e-5) ** 2, rel=1e-4)


def exponential(size_up, size_down, rate, slope, offset, **kwargs) -> Response:
    return linear(
        exponential_size_up=size_up, exponential_size_down=size_down, exponential_rate_up=rate,
        exponential_rate_down=rate, exponential_slope=slope, exponential_offset=offset, **kwargs,
    )  # fmt: skip


# A, γ, a, b of the ReRAM and the phase-change sheet, and one that saturates.
FORMS = [
    (-1.18445, -0.081404, 5.0, -0.5, -0.5, dict(step_up=0.00135, step_down=0.001)),
    (-27.235, -2.235, 2.5, -1.0, 0.0,
     dict(step_up=0.01, step_down=0.01, weight_min=0.0, weight_max=2.0)),
    (0.3, 0.3, 1.5, 0.8, 0.2, dict(step_up=0.01, step_down=0.01)),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=["reram", "pcm", "saturating"])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_exponential_pulse_is_the_step_of_its_formula(form, sign):
    up, down, rate, slope, offset, window = form
    cells = exponential(up, down, rate, slope, offset, **window)
    low, high = window.get("weight_min", -1.0), window.get("weight_max", 1.0)
    weight = np.linspace(low, high, 9)
    z = 2 * slope * weight / (high - low) + offset
    size = window["step_up"] if sign > 0 else window["step_down"]
    f = 1 - (up if sign > 0 else down) * np.exp(rate * sign * z)
    end = np.clip(weight + sign * size * np.maximum(f, 0), low, high)
    np.testing.assert_allclose(
        jnp.clip(after(LAWS["exponential"], cells, weight, sign)[0], low, high), end, atol=1e-6
    )


@pytest.mark.parametrize("form", FORMS, ids=["reram", "pcm", "saturating"])
@pytest.mark.parametrize("count", [2, 9, -9, 40])
def test_exponential_pulses_at_once_are_pulses_one_by_one(form, count):
    *numbers, window = form
    cells = exponential(*numbers, **window)
    weight = np.linspace(0.05, 0.6, 5)
    at_once = after(LAWS["exponential"], cells, weight, count)[0]
    one = number(weight)
    for _ in range(abs(count)):
        one = after(LAWS["exponential"], cells, one, np.sign(count))[0]
    low, high = window.get("weight_min", -1.0), window.get("weight_max", 1.0)
    at_once, one = jnp.clip(at_once, low, high), jnp.clip(one, low, high)
    # The third order in how much a step changes from pulse to pulse.
    np.testing.assert_allclose(at_once, one, atol=1e-3 if window["step_up"] == 0.01 else 2e-6)


@pytest.mark.parametrize("form", FORMS[:2], ids=["reram", "pcm"])
@pytest.mark.parametrize("noise", [{"cycle_noise": 0.05}, {"cycle_noise_absolute": 0.0005}])
@pytest.mark.parametrize("count", [1, 8, -8])
def test_noise_of_exponential_pulses_has_its_moments(form, noise, count):
    up, down, rate, slope, offset, window = form
    cells = exponential(up, down, rate, slope, offset, **window, **noise)
    low, high = window.get("weight_min", -1.0), window.get("weight_max", 1.0)
    sign, start, step_up = np.sign(count), 0.8, window["step_up"]
    mean, variance = after(LAWS["exponential"], cells, np.full(1, start), count)
    size = sign * (window["step_up"] if sign > 0 else window["step_down"])
    rng = np.random.default_rng(abs(count))

    def step(w):
        z = 2 * slope * w / (high - low) + offset
        return size * (1 - (up if sign > 0 else down) * np.exp(rate * sign * z))

    def draw(w):
        normal = rng.standard_normal(w.shape)
        absolute = noise.get("cycle_noise_absolute", 0.0)
        return (absolute + noise.get("cycle_noise", 0.0) * step(w)) * normal

    loop = pulse_by_pulse(step, np.full(100_000, start), abs(count), noise=draw)
    assert loop.mean() == pytest.approx(float(mean[0]), abs=0.02 * loop.std() + 1e-3)
    # First order in noise and step, and five deviations of the variance of 100,000 draws.
    close = (0.02 if step_up < 0.01 else 0.25) + 5 * np.sqrt(2 / len(loop))
    assert loop.var() == pytest.approx(float(variance[0]), rel=close)


@pytest.mark.parametrize("count", [5, 30, 100, 1_000])
@pytest.mark.parametrize(("size", "rate"), [(-2, 2), (-1, 5), (-0.3, 2)])
def test_exponential_steps_that_grow_end_at_their_bound(size, rate, count):
    """A growing step needs a finite number of pulses to anywhere; the window is where it stops."""
    p = params(
        update_step=0.01, weight_min=-1, weight_max=1, exponential_size_up=size,
        exponential_size_down=0, exponential_rate_up=rate, exponential_rate_down=rate,
        exponential_slope=0.5, exponential_offset=0,
    )  # fmt: skip
    start = np.linspace(-1, 1, 9)
    law = LAWS["exponential"]
    at_once = law.pulses(response(p), number(start), jnp.full(9, float(count)))[0]
    step = lambda w: 0.01 * (1 - size * np.exp(rate * w / 2))
    one_by_one = pulse_by_pulse(step, start, count, (-1, 1))
    np.testing.assert_allclose(np.clip(at_once, -1, 1), one_by_one, atol=0.01)


def test_ideal_cells_take_what_they_are_asked():
    mean, variance = after(LAWS["ideal"], linear(), WEIGHTS, 3)
    np.testing.assert_allclose(mean, WEIGHTS + 0.06, rtol=1e-6)
    assert variance is None


def test_absent_noise_leaves_no_variance():
    for name in ("linear", "linear_retrace"):
        assert (
            after(LAWS[name], linear(nonlinearity_up=0.5, nonlinearity_down=0.5), WEIGHTS, 2)[1]
            is None
        )
    assert (
        after(LAWS["exponential"], exponential(*FORMS[0][:5], **FORMS[0][5]), WEIGHTS, 2)[1] is None
    )


def test_steps_follow_the_asymmetry():
    cells = response(params(update_step=0.01, update_asymmetry=0.2))
    assert float(cells.step_up) == pytest.approx(0.012)
    assert float(cells.step_down) == pytest.approx(0.008)


def test_vmap_is_a_loop():
    cells = linear(nonlinearity_up=0.7, nonlinearity_down=0.4, cycle_noise=0.4)
    weight, count = number(WEIGHTS), number([1, -2, 3, 0, 5, -6, 7])
    at_once = jax.vmap(lambda w, n: LAWS["linear"].pulses(cells, w, n))(weight, count)
    for i in range(len(WEIGHTS)):
        one = LAWS["linear"].pulses(cells, weight[i], count[i])
        np.testing.assert_allclose([at_once[0][i], at_once[1][i]], one, rtol=1e-6)
