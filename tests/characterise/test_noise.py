"""Noise of readings, noise of pulses and spread of devices come back, in intervals that hold."""

from pathlib import Path

import numpy as np
import pytest

from neuromgd.characterise.curve import Data
from neuromgd.characterise.fit import fit
from neuromgd.characterise.noise import Wander, estimate, whitened
from neuromgd.characterise.spread import spread
from tests.characterise.cells import SIGNED
from tests.statistics import assert_rate

READ, CYCLE = 0.4, 0.3


def cell(rng, cycle=CYCLE, read=READ, signed=SIGNED):
    """A soft cell of 40 uS whose pulses and readings are noisy."""
    weight = [-1.0]
    for pulse in signed:
        step = 0.043465 * (pulse - 0.5 * weight[-1])
        weight.append(weight[-1] + step * (1 + cycle * rng.standard_normal()))
    g = 25 + 20 * np.array(weight)
    return Data(Path("cell.csv"), signed, g + read * rng.standard_normal(len(g)), "uS")


def walk(rng, m=200, read=0.5, cycle=0.3):
    """What is left of a law that is known, with both noises."""
    a, pulsed = rng.uniform(0.9, 1.0, m), rng.uniform(0.5, 2.0, m)
    v = read * rng.standard_normal(m + 1)
    w = cycle * pulsed * rng.standard_normal(m) + v[1:] - a * v[:-1]
    return Wander(w, a, pulsed, np.ones(m - 1, bool))


def test_whitened_numbers_are_the_dense_solution():
    wander = walk(np.random.default_rng(0), 30)
    covariance = np.diag((0.3 * wander.pulsed) ** 2 + 0.25 * (1 + wander.a**2))
    covariance += np.diag(-0.25 * wander.a[1:], 1) + np.diag(-0.25 * wander.a[1:], -1)
    z, volume = whitened(wander, wander.w, 0.5, 0.3)
    assert z @ z == pytest.approx(wander.w @ np.linalg.solve(covariance, wander.w))
    assert volume == pytest.approx(np.linalg.slogdet(covariance)[1] / 2)


def covered(draws):
    rng = np.random.default_rng(0)
    hits = np.zeros(2, int)
    for _ in range(draws):
        found = estimate(walk(rng), True)
        for k, (interval, known) in enumerate(((found.read, 0.5), (found.cycle, 0.3))):
            hits[k] += interval[1] <= known <= interval[2]
    return hits


@pytest.mark.slow
def test_the_noises_of_a_known_law_lie_in_their_intervals():
    assert_rate(int(covered(40)[0]), 40, 0.95)


@pytest.mark.slow
def test_the_intervals_of_both_noises_hold_as_often_as_they_say():
    assert np.all(covered(400) >= 360)


def held(draws, signed=SIGNED):
    """How often both noises of a fitted curve lie in their intervals."""
    rng = np.random.default_rng(1)
    hits = np.zeros(2, int)
    for _ in range(draws):
        found = fit(cell(rng, signed=signed), "linear")
        hits += [one[1] <= known <= one[2]
                 for one, known in ((found.read, READ), (found.cycle, CYCLE))]  # fmt: skip
    return hits


def test_both_noises_of_a_curve_are_told_apart():
    found = fit(cell(np.random.default_rng(0), signed=np.tile(SIGNED, 2)), "linear")
    assert found.read[0] == pytest.approx(READ, rel=0.3)
    assert found.cycle[0] == pytest.approx(CYCLE, rel=0.4)
    assert found.verdict.is_met
    assert not found.verdict.is_systematic


def test_noise_of_readings_alone_is_no_noise_of_pulses():
    found = fit(cell(np.random.default_rng(0), cycle=0.0), "linear")
    assert found.cycle[0] == 0
    assert found.cycle[2] < CYCLE
    assert found.read[1] <= READ <= found.read[2]


@pytest.mark.slow
def test_noise_of_pulses_alone_is_no_noise_of_readings():
    found = fit(cell(np.random.default_rng(0), read=1e-4), "linear")
    assert found.cycle[1] <= CYCLE <= found.cycle[2]
    assert found.read[0] < 0.02


@pytest.mark.slow
def test_the_intervals_of_a_fitted_curve_hold_at_least_nine_times_in_ten():
    assert np.all(held(200, np.tile(SIGNED, 2)) >= 180)


@pytest.mark.slow
def test_the_interval_of_a_spread_holds_as_often_as_it_says():
    rng = np.random.default_rng(2)
    draws = 4000
    hits = 0
    for _ in range(draws):
        errors = np.full(8, 0.05)
        values = 1 + 0.2 * rng.standard_normal(8) + errors * rng.standard_normal(8)
        _, low, high = spread(values, errors)
        hits += low <= 0.2 <= high
    assert 0.9 < hits / draws < 0.98
