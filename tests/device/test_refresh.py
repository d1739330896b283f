"""One-sided pairs: what rises, when it is reset, where it lands and what it wears."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.device.cell import read
from neuromgd.device.laws import LAWS
from neuromgd.device.write import write, write_noises
from tests.device.cells import keys_for, made, number, params, stored, written
from tests.statistics import assert_mean, assert_uncorrelated, assert_variance

LINEAR = LAWS["linear"]
CELLS = 20_000
STEP = 0.01
WINDOW = dict(weight_min=0, weight_max=2)


def pair(**numbers):
    return params(
        update_step=STEP, refresh_upper=0.75, refresh_lower=0.25, zero_signal_weight=0,
        **WINDOW, **numbers,
    )  # fmt: skip


def holding(p, first, second, traits=None):
    """An array of equal pairs whose two cells are at given weights."""
    cell = stored(p, np.zeros(CELLS), is_pair=True, traits=traits)
    level = np.stack([np.full(CELLS, first), np.full(CELLS, second)])
    return cell.replace(weight=number(level), seen=None if cell.seen is None else number(level))


def test_a_new_pair_carries_its_weight_on_one_cell():
    p = pair()
    cell = stored(p, [0.3, -0.4, 0.0], is_pair=True)
    np.testing.assert_allclose(cell.weight, [[0.6, 0, 0], [0, 0.8, 0]], rtol=1e-6)
    np.testing.assert_allclose(read(cell), [0.3, -0.4, 0.0], rtol=1e-6)


def test_the_sign_of_the_request_says_which_cell_rises():
    p = pair()
    before = stored(p, np.zeros(3), is_pair=True)
    after = written(LINEAR, p, before, [0.05, -0.05, 0.0], 0)
    np.testing.assert_allclose(after.weight, [[0.1, 0, 0], [0, 0.1, 0]], rtol=1e-5)
    np.testing.assert_array_equal(after.writes, [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_allclose(read(after), [0.05, -0.05, 0.0], rtol=1e-5)


def test_no_cell_ever_falls_but_by_a_refresh():
    p = pair(cycle_noise=0.1)
    rng = np.random.default_rng(0)
    cell = stored(p, np.zeros(200), is_pair=True)

    @jax.jit
    def one(cell, request, *keys):
        return write(LINEAR, "stochastic", p, cell, request, *keys)

    resets = 0
    for seed in range(60):
        request = number(0.1 * rng.standard_normal(200))
        after = one(cell, request, *keys_for(write_noises(p), seed))
        fell = np.asarray(after.weight < cell.weight)
        is_reset = np.asarray(after.writes - cell.writes).sum(0) >= 2
        assert not (fell & ~is_reset).any()
        resets, cell = resets + is_reset.sum(), after
    assert resets > 200


def test_an_exact_refresh_keeps_the_weight_and_frees_the_pair():
    p = pair()
    after = written(LINEAR, p, holding(p, 1.5, 1.1), np.full(CELLS, 0.02), 0)
    np.testing.assert_allclose(read(after), 0.22, rtol=1e-5)
    np.testing.assert_allclose(after.weight[0], 0.44, rtol=1e-5)
    assert not np.asarray(after.weight[1]).any()
    # The pulses, the reset, and the programming of the cell that carries the weight.
    np.testing.assert_array_equal(after.writes[0], 3)
    np.testing.assert_array_equal(after.writes[1], 1)


@pytest.mark.parametrize(("first", "second"), [(1.2, 1.2), (1.9, 0.4), (0.4, 2.0)])
def test_pairs_that_a_reset_would_not_help_are_left_alone(first, second):
    p = pair()
    before = holding(p, first, second)
    after = written(LINEAR, p, before, np.zeros(CELLS), 0)
    np.testing.assert_array_equal(after.weight, before.weight)
    assert not np.asarray(after.writes).any()


def test_the_marks_are_traced_numbers():
    before = holding(pair(), 1.3, 1.1)

    @jax.jit
    def resets(upper):
        p = pair().replace(refresh_upper=upper)
        after = write(LINEAR, "nearest", p, before, jnp.zeros(CELLS), *keys_for(range(2), 0))
        return jnp.all(after.writes[0] == 2)

    assert not resets(number(0.7))
    assert resets(number(0.6))


def test_a_refresh_lands_within_the_programming_noise():
    # σ = 0.1 r w.u.: the cell at the bottom conducts nothing and lands exactly.
    p = pair(refresh_noise=[0.0, 0.1])
    after = written(LINEAR, p, holding(p, 1.6, 0.8), np.zeros(CELLS), 1)
    sigma = 0.1 * 0.8 / 2
    assert_mean(read(after), 0.4, (sigma / 2) ** 2, sees=0.06)
    assert_variance(read(after), (sigma / 2) ** 2)
    again = written(LINEAR, p, holding(p, 1.6, 0.8), np.zeros(CELLS), 2)
    assert_uncorrelated(np.stack([read(after), read(again)], axis=1))


def test_a_reset_cell_cannot_be_below_its_window():
    sigma = 0.02
    p = pair(refresh_noise=[sigma])
    after = written(LINEAR, p, holding(p, 1.6, 0.8), np.zeros(CELLS), 3)
    # max(0, σξ) has mean σ/√2π and variance σ²(1/2 − 1/2π).
    variance = sigma**2 * (0.5 - 0.5 / np.pi)
    assert_mean(after.weight[1], sigma / np.sqrt(2 * np.pi), variance, sees=0.06)
    assert_variance(after.weight[0], sigma**2)


def test_pairs_with_a_dead_cell_are_left_alone():
    p = pair(stuck_fraction=0.1)
    traits = made(p, (2, CELLS), 4)
    before = holding(p, 1.7, 1.0, traits)
    after = written(LINEAR, p, before, np.zeros(CELLS), 0, traits)
    has_dead = np.asarray(traits.is_stuck).any(0)
    np.testing.assert_array_equal(after.weight[:, has_dead], before.weight[:, has_dead])
    np.testing.assert_array_equal(after.writes[1] == 1, ~has_dead)


def test_refreshes_wear_cells_out():
    p = pair(endurance_cycles=2)
    worn = written(LINEAR, p, holding(p, 1.6, 0.8), np.zeros(CELLS), 0)
    np.testing.assert_array_equal(worn.writes[0], 2)
    after = written(LINEAR, p, worn, np.full(CELLS, 0.1), 1)
    np.testing.assert_array_equal(after.weight, worn.weight)
    back = written(LINEAR, p, worn, np.full(CELLS, -0.1), 1)
    np.testing.assert_allclose(read(back), read(worn) - 0.1, rtol=1e-5)


def test_a_refresh_starts_the_clocks_of_both_cells_anew():
    p = pair(drift_exponent=0.05, drift_reference_time=1.0)
    before = holding(p, 1.9, 0.8)
    seconds = jnp.full((2, CELLS), 100.0)
    before = before.replace(drift_clock=before.drift_clock.replace(seconds=seconds))
    after = written(LINEAR, p, before, np.zeros(CELLS), 0)
    assert not np.asarray(after.drift_clock.seconds).any()
    # What is programmed anew is what was left of the difference.
    np.testing.assert_allclose(read(after), 0.55 * 101.0**-0.05, rtol=1e-5)
