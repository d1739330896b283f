"""Drift, leak and read noise: what time and reading do, against theory and published moments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.device.cell import read
from neuromgd.device.from_sheet import device_params
from neuromgd.device.laws import LAWS
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.retention import acceleration, advance, drift_exponent
from neuromgd.device.traits import ALIKE, Traits
from neuromgd.sheets import device
from tests.device.cells import made, number, params, stored, written
from tests.statistics import assert_mean

CELLS = 100_000
IDEAL = LAWS["ideal"]
PCM = device_params(device.load("pcm_joshi2020").cell())
DAY = 86400.0


def weight_of(conductance):
    return np.asarray(conductance) * 2 / 25 - 1


def conductance_of(weight):
    return (np.asarray(weight) + 1) * 25 / 2


# Conductance in uS, mean and deviation of ν, then of the conductance after a day without and the
# deviation at once with reading noise: AIHWKIT's model of Nandakumar et al., 4e5 samples.
@pytest.mark.parametrize(
    ("conductance", "nu", "nu_deviation", "at_once", "day_mean", "day_deviation"),
    [
        (5, 0.0494, 0.0142, 0.803, 3.332, 0.712),
        (25, 0.0490, 0.0080, 1.402, 16.624, 1.516),
    ],
)
def test_phase_change_drift_and_reading(
    conductance, nu, nu_deviation, at_once, day_mean, day_deviation
):
    traits = made(PCM, (CELLS,), 1)
    aim = np.full(CELLS, weight_of(conductance))
    exponent = np.asarray(drift_exponent(PCM, traits, number(aim)))
    assert exponent.mean() == pytest.approx(nu, abs=3e-4)
    assert exponent.std() == pytest.approx(nu_deviation, rel=0.02)

    p = PCM.replace(weight_max=number(2.0))  # errors of programming are not cut
    cell = stored(p, np.full(CELLS, -1.0), traits)
    p = p.replace(weight_max=number(1.0))
    sigma = np.polyval([-1.1731, 1.9650, 0.26348], conductance / 25) * 2 / 25
    landed = number(aim + sigma * np.random.default_rng(1).standard_normal(CELLS))
    cell = cell.replace(weight=landed, seen=landed)

    def reading(cell, seed):
        # The published noise is that of the target conductance, not of where the cell landed.
        noise = np.asarray(read_deviation(p, traits, cell))
        return conductance_of(read(cell)) + 12.5 * noise * np.random.default_rng(
            seed
        ).standard_normal(CELLS)

    assert reading(cell, 2).std() == pytest.approx(at_once, rel=0.03)
    later = advance(p, traits, cell, number(DAY))
    assert reading(later, 3).mean() == pytest.approx(day_mean, rel=0.01)
    assert reading(later, 3).std() == pytest.approx(day_deviation, rel=0.03)


def test_the_exponent_of_a_reset_cell_is_at_its_limits():
    exponent = np.asarray(drift_exponent(PCM, made(PCM, (CELLS,)), number(np.full(CELLS, -1.0))))
    assert exponent.mean() == pytest.approx(0.100, abs=2e-3)
    assert exponent.std() == pytest.approx(0.044, abs=1e-3)


DRIFT = dict(drift_exponent=0.05, drift_reference_time=20, zero_signal_weight=-1, weight_min=-1,
             weight_max=1)  # fmt: skip


def test_drift_pulls_towards_no_conductance_by_its_power_law():
    p = params(**DRIFT)
    cell = advance(p, Traits(), stored(p, [0.5, -1.0, 1.0]), number(1e4))
    factor = (1 + 1e4 / 20) ** -0.05
    np.testing.assert_allclose(read(cell), np.array([1.5, 0, 2]) * factor - 1, rtol=1e-5, atol=1e-6)


def test_a_hundred_thousand_short_steps_are_one_long_step():
    p = params(**DRIFT, leak_time=1e3)
    cell = stored(p, [0.5])

    @jax.jit
    def run(cell):
        # Steps of a microsecond after a minute: lost in float32 without care.
        cell = advance(p, Traits(), cell, number(60.0))
        short = lambda _, c: advance(p, Traits(), c, number(1e-6))
        return jax.lax.fori_loop(0, 100_000, short, cell)

    at_once = advance(p, Traits(), stored(p, [0.5]), number(60.1))
    stepped = run(cell)
    assert float(stepped.leak_clock.seconds[0]) == pytest.approx(60.1, rel=1e-6)
    np.testing.assert_allclose(read(stepped), read(at_once), rtol=1e-6)


def test_leak_decays_to_rest():
    p = params(leak_time=2.0, leak_rest=0.1)
    cell = advance(p, Traits(), stored(p, [0.5, -0.5]), number(3.0))
    np.testing.assert_allclose(read(cell), 0.1 + np.array([0.4, -0.6]) * np.exp(-1.5), rtol=1e-5)


def test_leak_times_spread():
    p = params(leak_time=2.0, leak_spread=0.1)
    traits = made(p, (CELLS,))
    cell = advance(p, traits, stored(p, np.ones(CELLS), traits), number(1.0))
    assert_mean(-2 * np.log(np.asarray(read(cell))) * traits.leak_gain, 1, 1e-8, sees=1.0)
    assert np.asarray(traits.leak_gain).std() == pytest.approx(0.1, rel=0.02)


def test_a_write_restarts_the_clock_of_the_cells_that_it_reaches():
    p = params(update_step=0.1, **DRIFT)
    cell = advance(p, Traits(), stored(p, [0.5, 0.5]), number(1e4))
    drifted = float(read(cell)[0])
    after = written(LAWS["linear"], p, cell, [0.1, 0.0], 0)
    np.testing.assert_allclose(read(after), [drifted + 0.1, drifted], rtol=1e-5)
    np.testing.assert_allclose(after.drift_clock.seconds, [0, 1e4])
    later = advance(p, Traits(), after, number(1e4))
    factor = (1 + 2e4 / 20) ** -0.05
    assert float(read(later)[1]) == pytest.approx(1.5 * factor - 1, rel=1e-5)


def test_write_noise_stays_while_the_cell_drifts():
    p = params(write_noise=0.1, **DRIFT)
    after = written(IDEAL, p, stored(p, np.zeros(9)), np.full(9, 0.5), 1)
    offset = np.asarray(read(after)) - 0.5
    later = advance(p, Traits(), after, number(1e4))
    factor = (1 + 1e4 / 20) ** -0.05
    np.testing.assert_allclose(read(later), 1.5 * factor - 1 + offset, atol=1e-6)


def test_heat_shortens_the_time_constant_by_arrhenius():
    energy = 0.7 * 1.602176634e-19 / 1.380649e-23
    p = params(leak_time=2.0, leak_activation=energy, reference_temperature=300, temperature=330)
    faster = np.exp(energy * (1 / 300 - 1 / 330))
    assert float(acceleration(p, p.leak_activation, p.temperature)) == pytest.approx(
        faster, rel=1e-4
    )
    cell = advance(p, Traits(), stored(p, [1.0]), number(0.5))
    assert float(read(cell)[0]) == pytest.approx(np.exp(-0.25 * faster), rel=1e-4)
    # A ramp: half the time cold, half the time warm.
    cell = advance(p, Traits(), stored(p, [1.0]), number(0.25), number(300.0))
    cell = advance(p, Traits(), cell, number(0.25), number(330.0))
    assert float(read(cell)[0]) == pytest.approx(np.exp(-0.125 * (1 + faster)), rel=1e-4)


def test_what_does_not_age_is_left_alone():
    p = params(update_step=0.1)
    cell = stored(p, [0.5])
    assert advance(p, Traits(), cell, number(1e9)) is cell
    assert read_deviation(p, Traits(), cell) is None


def test_stuck_cells_keep_their_conductance():
    p = params(stuck_fraction=1.0, **DRIFT)
    traits = made(p, (9,))
    cell = stored(p, np.zeros(9), traits)
    np.testing.assert_array_equal(read(advance(p, traits, cell, number(1e6))), read(cell))


def test_read_noise_adds_in_squares():
    p = params(read_noise=0.03, read_noise_relative=0.05, zero_signal_weight=-1)
    sigma = read_deviation(p, Traits(), stored(p, [-1.0, 1.0]))
    np.testing.assert_allclose(sigma, [0.03, np.hypot(0.03, 0.1)], rtol=1e-5)


def test_a_pair_reads_with_half_the_noise_of_both():
    p = params(read_noise=0.03)
    sigma = read_deviation(p, Traits(), stored(p, [0.2], is_pair=True))
    np.testing.assert_allclose(sigma, 0.03 / np.sqrt(2), rtol=1e-5)
    assert jnp.shape(sigma) == (1,)


def test_what_conducts_more_leaks_slower_as_its_power():
    p = params(
        weight_min=-1, weight_max=1, zero_signal_weight=-1, leak_time=2.0, leak_time_slope=1.5,
        leak_rest=-0.2,
    )  # fmt: skip
    weight = np.array([-0.9, -0.2, 0.4, 1.0])
    short = cell = stored(p, weight)
    for _ in range(4):
        short = advance(p, ALIKE, short, number(0.75))
    time = 2.0 * ((weight + 1) / 2) ** 1.5
    expected = -0.2 + (weight + 0.2) * np.exp(-3.0 / time)
    np.testing.assert_allclose(read(advance(p, ALIKE, cell, number(3.0))), expected, atol=1e-6)
    np.testing.assert_allclose(read(short), expected, atol=1e-6)
