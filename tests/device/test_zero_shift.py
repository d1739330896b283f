"""Zero shift: a tester sets the reference of every cell to its symmetry point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.device.cell import CellState, read, store
from neuromgd.device.encoding import encoding
from neuromgd.device.laws import LAWS
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.retention import advance
from neuromgd.device.traits import ALIKE
from neuromgd.device.zero_shift import symmetry_point, zero_shifted
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, ONE_LAYER
from tests.device.cells import made, number, params, written
from tests.statistics import assert_mean

LINEAR = LAWS["linear"]
CELLS = 40
SOFT = dict(
    update_step=0.02, weight_min=-1, weight_max=1, nonlinearity_up=1, nonlinearity_down=1,
    update_asymmetry=0.3,
)  # fmt: skip
PAIRS = dict(zero_shift=400)
# Every bound and asymmetry its own.
SPREAD = SOFT | dict(weight_min_spread=0.2, weight_max_spread=0.2, update_asymmetry_spread=0.1)


def shifted(p, traits=ALIKE, shape=(CELLS,), is_pair=False, key=None):
    return zero_shifted(LINEAR, p, traits, is_pair, shape, key)


def where_equal(p, traits):
    """(1+β)(1 − w/w_max) = (1−β)(1 − w/w_min) solved for w, for soft bounds."""
    beta = np.asarray(p.update_asymmetry if traits.asymmetry is None else traits.asymmetry, float)
    low, high = np.asarray(traits.weight_min, float), np.asarray(traits.weight_max, float)
    up, down = (1 + beta) / high, -(1 - beta) / low
    point = 2 * beta / (up + down)
    # Between an up and a down pulse of equal size a cell is not quite at it.
    between = 0.02 * (1 + beta) * (1 - point / high) * (up - down) / (up + down) / 2
    return point, between


def test_the_reference_is_where_up_and_down_are_equal():
    p = params(**SPREAD, **PAIRS)
    traits = made(p, (CELLS,))
    found = np.asarray(shifted(p, traits).reference)
    point, between = where_equal(p, traits)
    np.testing.assert_allclose(found, point + between, atol=0.02**2)
    assert np.abs(between).max() < 0.02 / 4 < np.ptp(point) / 10
    assert symmetry_point(LINEAR, params(**SOFT, **PAIRS), False) == pytest.approx(0.3, abs=0.004)


def test_the_pull_at_weight_zero_is_gone():
    p = params(**SPREAD, **PAIRS)
    traits = made(p, (CELLS,))
    pulls = []
    for own in (traits, shifted(p, traits)):
        cell = store(p, jnp.zeros(CELLS), own)
        up, down = (written(LINEAR, p, cell, np.full(CELLS, s), 1, own) for s in (0.02, -0.02))
        pulls.append(np.abs(np.asarray(read(up) + read(down))) / 0.02)
    assert pulls[0].min() > 0.1
    assert pulls[1].max() < 0.02
    # The window moves with the reference.
    own = shifted(p, traits)
    top = store(p, jnp.full(CELLS, 9.0), own).weight
    np.testing.assert_allclose(top, own.weight_max - own.reference, rtol=1e-6)


def test_both_cells_of_a_pair_have_their_own():
    numbers = SPREAD | dict(weight_min=0.0001, weight_max=2)
    p = params(**numbers, **PAIRS, update_step_spread=0.1)
    traits = made(p, (2, CELLS))
    own = shifted(p, traits, (2, CELLS), is_pair=True)
    middle = (2 + 0.0001) / 2
    cell = store(p, jnp.zeros(CELLS), own, True)
    # u = d where both step alike about what is left of the pair's middle.
    np.testing.assert_allclose(read(cell), 0, atol=1e-6)
    pulses = [written(LINEAR, p, cell, np.full(CELLS, s), 1, own) for s in (0.02, -0.02)]
    assert float(jnp.abs(read(pulses[0]) + read(pulses[1])).max()) < 2e-3
    at_zero = encoding(p.replace(zero_signal_weight=number(0)), own, cell).at_zero
    np.testing.assert_allclose(at_zero, middle + own.reference.mean(axis=0), rtol=1e-6)


def test_stuck_cells_are_at_their_reference():
    p = params(**SPREAD, **PAIRS, stuck_fraction=0.5)
    traits = made(p, (CELLS,))
    own = shifted(p, traits)
    stuck = np.asarray(own.is_stuck)
    assert 5 < stuck.sum() < 35
    np.testing.assert_allclose(np.asarray(own.reference)[stuck],
                               np.asarray(traits.stuck_weight)[stuck], atol=1e-6)  # fmt: skip
    held = store(p, jnp.full(CELLS, 0.1), own).weight
    np.testing.assert_allclose(held, np.where(stuck, 0, 0.1), atol=1e-6)


def test_an_error_of_the_reference_stays():
    p = params(**SPREAD, **PAIRS, reference_spread=0.1)
    traits = made(p, (CELLS,))
    off = shifted(p, traits).reference - shifted(p, traits.replace(reference=None)).reference
    np.testing.assert_allclose(off, traits.reference, atol=1e-6)


@pytest.mark.slow
def test_noisy_pulses_find_it_in_the_mean():
    p = params(**SOFT, **PAIRS, cycle_noise=0.3)
    found = np.asarray(shifted(p, shape=(4_000,), key=jax.random.key(3)).reference, float)
    exact = float(shifted(p.replace(cycle_noise=None), shape=()).reference)
    # Every pulse of size D leaves a share (1 − h) of the past, h = dw(1 ± β), and adds σD.
    size, shares = 0.02 * 1.3 * 0.7, (1 - 0.026, 1 - 0.014)
    variance = (0.3 * size) ** 2 * (1 + shares[1] ** 2) / (1 - (shares[0] * shares[1]) ** 2)
    assert_mean(found, exact, variance, sees=0.15)
    assert np.var(found) == pytest.approx(variance, rel=0.15)


def test_conductance_drifts_and_its_reference_stays():
    numbers = SOFT | dict(
        drift_exponent=0.1, drift_reference_time=1.0, zero_signal_weight=-1.0,
        read_noise_relative=0.1,
    )  # fmt: skip
    p = params(**numbers, **PAIRS)
    own = shifted(p)
    cell = advance(p, own, store(p, jnp.full(CELLS, 0.2), own), number(10.0))
    conducts = 1 + np.asarray(own.reference) + 0.2
    left = conducts * 11**-0.1
    np.testing.assert_allclose(read(cell), left - 1 - own.reference, rtol=1e-4)
    np.testing.assert_allclose(read_deviation(p, own, cell), 0.1 * left, rtol=1e-4)


def test_a_tester_pulses_every_cell_before_it_learns():
    p = params(**SOFT, **PAIRS)
    machine = Machine(Design(ONE_LAYER), IDEAL.replace(device=p), Tau(1, 1, 1))
    chip = fabricate(machine, root_key(1, 0))
    cells = jax.tree.leaves(chip.cells, is_leaf=lambda leaf: isinstance(leaf, CellState))
    assert {int(pulses) for cell in cells for pulses in cell.writes.ravel()} == {800}
    assert all(abs(float(one.mean()) - 0.3) < 0.01 for one in jax.tree.leaves(chip.traits.device))
