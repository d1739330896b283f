"""Program-verify: levels, programming error and iterations, against their closed forms."""

import numpy as np
import pytest
from scipy import stats

from neuromgd.device.cell import read
from neuromgd.device.from_sheet import device_params
from neuromgd.device.laws import LAWS
from neuromgd.device.program import programming_error
from neuromgd.sheets import device
from tests.device.cells import number, params, stored, written
from tests.statistics import assert_distribution, assert_mean, assert_rate

CELLS = 40_000
IDEAL = LAWS["ideal"]


def programmed(p, request, seed=0, start=0.0):
    cell = stored(p, np.full(CELLS, start))
    return written(IDEAL, p, cell, np.full(CELLS, request), seed, rounding="stochastic")


def test_cells_land_on_levels_and_their_mean_is_the_request():
    p = params(weight_min=-1, weight_max=1, levels=5)
    after = programmed(p, 0.2)
    assert set(np.unique(np.asarray(after.weight))) == {0.0, 0.5}
    assert_rate((np.asarray(after.weight) == 0.5).sum(), CELLS, 0.4)
    # A cell that stays on its level is not written.
    np.testing.assert_array_equal(after.writes, np.asarray(after.weight) == 0.5)
    np.testing.assert_array_equal(after.iterations, after.writes)


def test_levels_end_at_the_window():
    p = params(weight_min=-1, weight_max=1, levels=5)
    np.testing.assert_array_equal(programmed(p, 9.0).weight, 1)


# Conductance in uS and its programming error: Joshi et al. 2020 as in AIHWKIT (4e5 samples).
@pytest.mark.parametrize(("conductance", "sigma"), [(5, 0.610), (25, 1.058), (0, 0.263)])
def test_phase_change_programming_error(conductance, sigma):
    p = device_params(device.load("pcm_joshi2020").cell())
    weight = number(-1 + 2 * conductance / 25)
    assert float(programming_error(p, weight)) * 25 / 2 == pytest.approx(sigma, abs=4e-3)


def test_programming_error_of_sonos_saturates():
    p = device_params(device.load("sonos_agrawal2022").cell())
    for current in (100, 800, 3000):
        error = float(programming_error(p, number(-1 + 2 * current / 3200))) * 3200 / 2
        assert error == pytest.approx(19.887 * (1 - np.exp(-current / 176.31)), rel=1e-4)


def test_one_shot_programming_lands_normally_in_one_iteration():
    p = params(programming_noise=[0.02])
    after = programmed(p, 0.3)
    assert_mean(after.weight, 0.3, 0.02**2, sees=0.05)
    assert_distribution((np.asarray(after.weight) - 0.3) / 0.02, stats.norm.cdf)
    assert np.all(np.asarray(after.iterations) == 1)


def test_verified_cells_are_within_the_tolerance_after_geometric_iterations():
    p = params(programming_noise=[0.02], verify_tolerance=0.01)
    after = programmed(p, 0.3)
    error = (np.asarray(after.weight) - 0.3) / 0.02
    cut = stats.truncnorm(-0.5, 0.5)
    assert_distribution(error, cut.cdf)
    hit = 2 * stats.norm.cdf(0.5) - 1
    assert_mean(np.asarray(after.iterations), 1 / hit, (1 - hit) / hit**2, sees=0.05)
    assert_rate((np.asarray(after.iterations) == 1).sum(), CELLS, hit)


def test_cells_that_gave_up_are_outside_the_tolerance():
    p = params(programming_noise=[0.02], verify_tolerance=0.01, verify_iterations_max=3)
    after = programmed(p, 0.3)
    error = np.abs(np.asarray(after.weight) - 0.3) / 0.02
    hit = 2 * stats.norm.cdf(0.5) - 1
    outside = error > 0.5 * (1 + 1e-4)
    assert_rate(outside.sum(), CELLS, (1 - hit) ** 3)
    assert_distribution(error[outside], lambda x: 1 - stats.norm.sf(x) / stats.norm.sf(0.5))
    assert np.asarray(after.iterations).max() == 3


def test_iterations_add_up_over_writes():
    p = params(programming_noise=[0.02])
    cell = stored(p, np.zeros(3))
    for seed in range(4):
        cell = written(IDEAL, p, cell, [0.1, 0.1, 0.0], seed)
    np.testing.assert_array_equal(cell.iterations, [4, 4, 0])


def test_an_exact_level_takes_one_iteration():
    p = params(weight_min=-1, weight_max=1, levels=5, programming_noise=[0.0], verify_tolerance=0.1)
    after = programmed(p, 0.5)
    np.testing.assert_array_equal(read(after), 0.5)
    assert np.all(np.asarray(after.iterations) == 1)
