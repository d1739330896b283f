"""Spread that neighbours share: its covariance in closed form, its σ unchanged."""

import jax
import msgspec
import numpy as np
import pytest

from neuromgd.device.die import deviates
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.read import checked
from neuromgd.plan.memory_cell import cell_of
from neuromgd.randomness import normal
from tests.device.cells import made, params
from tests.statistics import assert_mean, assert_variance

ROWS, COLUMNS, CHIPS = 4, 3, 20_000


def covariance(gradient: float, row: float, column: float) -> np.ndarray:
    """(cells, cells) of one array, cell by cell."""
    down, across = np.linspace(-1, 1, ROWS), np.linspace(-1, 1, COLUMNS)
    size = np.mean(down**2) + np.mean(across**2)
    place = [(i, j) for i in range(ROWS) for j in range(COLUMNS)]
    own = 1 - gradient - row - column
    return np.array([
        [
            own * ((i, j) == (k, m)) + row * (i == k) + column * (j == m)
            + gradient * (down[i] * down[k] + across[j] * across[m]) / size
            for k, m in place
        ]
        for i, j in place
    ])  # fmt: skip


draw = jax.jit(jax.vmap(deviates, in_axes=(None, 0, None, None)), static_argnums=(2, 3))
KEYS = jax.random.split(jax.random.key(4), CHIPS)


def shares(gradient, row, column):
    return params(gradient_share=gradient, row_share=row, column_share=column)


@pytest.mark.parametrize("given", [(0.5, 0.2, 0.1), (1, 0, 0), (0, 0, 0.6), (0, 1, 0)])
def test_neighbours_covary_as_their_shares_say(given):
    drawn = np.asarray(draw(shares(*given), KEYS, (ROWS, COLUMNS), False)).reshape(CHIPS, -1)
    expected = covariance(*given)
    np.testing.assert_allclose(np.trace(expected), ROWS * COLUMNS, rtol=1e-6)  # σ stays
    assert_variance(drawn, np.diag(expected))
    products = drawn[:, :, None] * drawn[:, None, :]
    size = np.outer(np.diag(expected), np.diag(expected)) + expected**2
    assert_mean(products, expected, size, sees=0.06)


def test_a_pair_shares_its_row_and_its_place_but_no_column():
    both = np.asarray(draw(shares(0.4, 0.6, 0), KEYS[:9], (2, ROWS, COLUMNS), True))
    np.testing.assert_allclose(both[:, 0], both[:, 1], atol=1e-6)
    columns = np.asarray(draw(shares(0, 0, 1), KEYS[:9], (2, ROWS, COLUMNS), True))
    assert np.ptp(columns, axis=2).max() < 1e-6
    assert np.abs(columns[:, 0] - columns[:, 1]).min() > 1e-6


def test_no_share_is_every_cell_on_its_own_bit_for_bit():
    key, shape = jax.random.key(1), (3, 4, 5)
    alone = normal(key, shape)
    np.testing.assert_array_equal(deviates(params(), key, shape), alone)
    np.testing.assert_array_equal(deviates(shares(0, 0, 0), key, shape), alone)
    np.testing.assert_array_equal(deviates(shares(0, None, None), key, (7,)), normal(key, (7,)))
    assert np.isfinite(deviates(shares(1, 0, 0), key, (1,))).all()


def test_every_trait_has_a_plane_of_its_own():
    p = params(
        gradient_share=1, update_step=0.01, update_step_spread=0.1, weight_max=1,
        weight_max_spread=0.1, leak_time=1.0, leak_spread=0.1,
    )  # fmt: skip
    traits = made(p, (ROWS, COLUMNS), 5)
    planes = [
        np.asarray(one) - 1 for one in (traits.step_gain, traits.weight_max, traits.leak_gain)
    ]
    for plane in planes:
        # The second difference of a plane is none.
        np.testing.assert_allclose(np.diff(plane, 2, axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(np.diff(plane, 2, axis=1), 0, atol=1e-6)
    slopes = [np.round(float(plane[1, 0] - plane[0, 0]), 6) for plane in planes]
    assert len(set(slopes)) == 3
    other = made(p, (ROWS, COLUMNS), 6)
    assert np.abs(np.asarray(other.step_gain - traits.step_gain)).max() > 1e-3


def test_more_than_all_is_refused_in_one_line():
    told = dict(update_step=0.01, update_step_spread=0.1, gradient_share=0.7, row_share=0.5)
    cell = msgspec.structs.replace(IDEAL_CELL, **told)
    config = checked(msgspec.structs.replace(Config(task="parity"), device=cell))
    with pytest.raises(InputError, match=r"gradient_share, row_share, column_share sum to 1.2"):
        cell_of(config.device)
