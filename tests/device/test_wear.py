"""What is left of a window after many writes, of a neighbour after a pulse, of noise at a weight.

Oracles in closed form: 1/(1 + (n/N)^k), counts of half-selected cells, σ over conductance.
"""

import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.device.cell import read
from neuromgd.device.disturb import disturb
from neuromgd.device.laws import LAWS
from neuromgd.device.retention import advance
from neuromgd.device.traits import Traits
from tests.chip.small import number
from tests.device.cells import made, params, stored, written
from tests.statistics import assert_mean, assert_uncorrelated, assert_variance

WINDOW = dict(weight_min=-0.5, weight_max=1.5, zero_signal_weight=-0.5)
IDEAL, LINEAR = LAWS["ideal"], LAWS["linear"]


@pytest.mark.parametrize(("place", "end"), [(None, 0.5), (0.0, -0.5), (1.0, 1.5)])
def test_a_window_closes_by_the_law_of_its_writes(place, end):
    p = params(**WINDOW, endurance_cycles=8, endurance_closing=1.5, endurance_place=place)
    cell = stored(p, [0.0, 0.0])
    for n in range(30):
        cell = written(IDEAL, p, cell, [9.0, -9.0], n)
        left = 1 / (1 + (n / 8) ** 1.5)
        expected = [end + left * (1.5 - end), end + left * (-0.5 - end)]
        np.testing.assert_allclose(cell.weight, expected, rtol=1e-5, atol=1e-6)
    assert (np.asarray(cell.writes) == 30).all()  # it goes on being written


def test_half_of_a_window_is_left_after_as_many_writes_as_the_cell_itself_bears():
    p = params(**WINDOW, endurance_cycles=8, endurance_closing=3, endurance_spread=0.5)
    own = Traits(endurance=number([4, 16]))
    cell = stored(p, [0.0, 0.0]).replace(writes=jnp.asarray([4, 16], jnp.int32))
    after = written(IDEAL, p, cell, [9.0, 9.0], 1, own)
    np.testing.assert_allclose(after.weight, [1.0, 1.0], rtol=1e-6)


def test_a_cell_that_is_not_written_keeps_what_it_has_in_a_closed_window():
    p = params(**WINDOW, endurance_cycles=8, endurance_closing=2)
    cell = stored(p, [1.4, 1.4]).replace(writes=jnp.asarray([80, 80], jnp.int32))
    after = written(IDEAL, p, cell, [0.0, 0.1], 1)
    np.testing.assert_allclose(after.weight, [1.4, 0.5 + 1 / 101], rtol=1e-6)


def test_a_window_that_closes_leaves_the_steps():
    numbers = WINDOW | dict(update_step=0.01, nonlinearity_up=0.5, nonlinearity_down=0.5)
    fresh, closing = params(**numbers), params(**numbers, endurance_cycles=8, endurance_closing=2)
    used = stored(closing, [0.4, 0.6]).replace(writes=jnp.asarray([4, 4], jnp.int32))
    after = written(LINEAR, closing, used, [0.05, -0.05], 1)
    as_new = written(LINEAR, fresh, stored(fresh, [0.4, 0.6]), [0.05, -0.05], 1)
    np.testing.assert_array_equal(after.weight, as_new.weight)


def half_selected(pulses: np.ndarray) -> np.ndarray:
    """Pulses of all other cells in the row or in the column of each, counted one by one."""
    count = np.zeros_like(pulses)
    rows, columns = pulses.shape
    for i in range(rows):
        for j in range(columns):
            for k in range(rows):
                for m in range(columns):
                    count[i, j] += pulses[k, m] * (((k == i) + (m == j)) == 1)
    return count


def test_a_cell_is_half_selected_by_its_row_and_its_column():
    pulses = np.random.default_rng(0).integers(-3, 4, (4, 3)).astype(np.float32)
    p = params(write_disturb=0.01)
    expected = 0.01 * half_selected(pulses)
    np.testing.assert_allclose(disturb(p, number(pulses), False), expected, atol=1e-7)
    # A kernel of a convolution lies in rows of patches; a pair in two crossbars; a bias in one row.
    unfolded = disturb(p, number(pulses.reshape(2, 2, 3)), False)
    np.testing.assert_allclose(unfolded, expected.reshape(2, 2, 3), atol=1e-7)
    pair = disturb(p, number(np.stack([pulses, 0 * pulses])), True)
    np.testing.assert_allclose(pair, np.stack([expected, 0 * expected]), atol=1e-7)
    bias = disturb(p, number(pulses[0]), False)
    np.testing.assert_allclose(bias, 0.01 * half_selected(pulses[:1])[0], atol=1e-7)


def test_pulses_disturb_who_is_written_and_who_is_not_but_count_for_no_write():
    p = params(update_step=0.1, weight_min=-1, weight_max=1, write_disturb=0.02, write_noise=0)
    request = np.zeros((3, 3))
    request[0, 0], request[1, 1] = 0.2, -0.1
    traits = Traits(is_stuck=jnp.zeros((3, 3), bool).at[2, 0].set(True), stuck_weight=number(0))
    cell = written(LINEAR, p, stored(p, np.zeros((3, 3)), traits), request, 1, traits)
    count = half_selected(np.round(request / 0.1))
    expected = request + 0.02 * count
    expected[2, 0] = 0  # it cannot move
    np.testing.assert_allclose(cell.weight, expected, atol=1e-6)
    np.testing.assert_allclose(read(cell), expected, atol=1e-6)
    np.testing.assert_array_equal(cell.writes, request != 0)


def test_cells_without_pulses_disturb_by_one_write_and_keep_their_clocks():
    p = params(weight_min=-1, weight_max=1, write_disturb=0.02, leak_time=1.0)
    cell = advance(p, Traits(), stored(p, [[0.4, 0.8]]), number(0.5))
    after = written(IDEAL, p, cell, [[0.3, 0.0]], 1)
    left = np.exp(-0.5)
    np.testing.assert_allclose(after.weight, [[0.4 * left + 0.3, 0.82]], rtol=1e-5)
    np.testing.assert_allclose(read(after)[0, 1], 0.82 * left, rtol=1e-5)


def test_noise_of_a_write_grows_with_what_the_cell_conducts():
    p = params(**WINDOW, update_noise=0.01, update_noise_relative=0.02, write_noise_relative=0.03)
    weights = np.array([-0.4, 0.2, 0.9])
    cell = written(IDEAL, p, stored(p, np.zeros((20_000, 3))), np.tile(weights, (20_000, 1)), 1)
    kept = 0.01**2 + (0.02 * (weights + 0.5)) ** 2
    assert_variance(cell.weight, kept)
    # Read noise is of what was kept.
    ratio = (np.asarray(read(cell)) - np.asarray(cell.weight)) / (np.asarray(cell.weight) + 0.5)
    assert_variance(ratio, 0.03**2)
    assert_uncorrelated(np.concatenate([np.asarray(cell.weight), ratio], axis=1))


def test_cells_part_as_the_logarithm_of_the_time_since_their_write():
    p = params(weight_min=-9, weight_max=9, relaxation_noise=0.02, relaxation_time=1e-3)
    traits = made(p, (20_000,), 1)
    cell = advance(p, traits, stored(p, np.full(20_000, 0.3), traits), number(5.0))
    assert_variance(read(cell), (0.02 * np.log1p(5 / 1e-3)) ** 2)  # as a new chip does
    relaxed = np.asarray(read(cell)).copy()
    cell = written(IDEAL, p, cell, np.full(20_000, 0.1), 1, traits)
    np.testing.assert_allclose(read(cell), relaxed + 0.1, rtol=1e-5, atol=1e-6)
    written_at, seen = np.asarray(read(cell)), []
    for seconds in (1e-3, 0.1, 10.0):
        cell = advance(p, traits, cell, number(seconds))
        seen.append(np.asarray(read(cell)) - written_at)
    for moved, age in zip(seen, np.cumsum([1e-3, 0.1, 10.0]), strict=True):
        sigma = 0.02 * np.log1p(age / 1e-3)
        assert_variance(moved, sigma**2)
        assert_mean(moved, 0, sigma**2, sees=0.06)
    # One deviate a write, held since: cells go their own way, all along.
    np.testing.assert_allclose(np.corrcoef(seen[0], seen[2])[0, 1], 1, atol=1e-3)
    assert_uncorrelated(np.stack([seen[0], relaxed], axis=1))
    assert_uncorrelated(seen[0].reshape(-1, 4))


@pytest.mark.slow
def test_many_short_times_relax_as_one_and_no_further_than_the_window():
    p = params(weight_min=-0.5, weight_max=0.5, relaxation_noise=0.1, relaxation_time=1e-3)
    traits = made(p, (100,), 1)
    cell = short = stored(p, np.full(100, 0.3), traits)
    for _ in range(10):
        short = advance(p, traits, short, number(0.1))
    one = advance(p, traits, cell, number(1.0))
    np.testing.assert_allclose(read(short), read(one), atol=1e-5)
    assert np.asarray(read(one)).max() == np.float32(0.5)
    # Who is not written goes on as before.
    still = written(IDEAL, p, one, np.zeros(100), 1, traits)
    np.testing.assert_array_equal(read(still), read(one))
