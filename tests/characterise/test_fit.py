"""Fits of pulse responses: the optimum is found, and known cells lie in the stated intervals."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from neuromgd.characterise.curve import Data, read
from neuromgd.characterise.fit import ROWS_MAX, fit
from neuromgd.characterise.paths import plan
from neuromgd.characterise.search import EXPONENTIAL, LINEAR, polish, solve
from neuromgd.characterise.sheet import sheet, write
from neuromgd.characterise.spread import technology
from neuromgd.sheets import device, neurosim
from tests.characterise.truths import LAWS, truth

LOW, HIGH, PULSES = 5.0, 45.0, 100


def sweep(up, down):
    """The conductance of a cell that goes up and down again, in uS."""
    weight = [-1.0]
    for _ in range(PULSES):
        weight.append(weight[-1] + up(weight[-1]))
    for _ in range(PULSES):
        weight.append(weight[-1] - down(weight[-1]))
    return LOW + (np.array(weight) + 1) / 2 * (HIGH - LOW)


def linear(is_retraced):
    up, down = neurosim.step(1.5, float(PULSES)), neurosim.step(1.2, float(PULSES))
    sign = -1 if is_retraced else 1
    curve = sweep(
        lambda w: up.step * (1 - up.nonlinearity * w),
        lambda w: down.step * (1 + sign * down.nonlinearity * w),
    )
    numbers = {"nonlinearity_up": up.nonlinearity, "nonlinearity_down": down.nonlinearity}
    return curve, numbers | steps(up.step, down.step)


def exponential():
    size_up, rate_up, size_down, rate_down = -0.9, 3.0, -0.4, 2.5

    def crossing(step):
        weight = -1.0
        for _ in range(PULSES):
            weight += step * (1 - size_up * np.exp(-rate_up * weight))
        return weight - 1

    up = brentq(crossing, 1e-4, 0.1)
    curve = sweep(
        lambda w: up * (1 - size_up * np.exp(-rate_up * w)),
        lambda w: 0.6 * up * (1 - size_down * np.exp(rate_down * w)),
    )
    numbers = {
        "exponential_size_up": size_up, "exponential_rate_up": rate_up,
        "exponential_size_down": size_down, "exponential_rate_down": rate_down,
    }  # fmt: skip
    return curve, numbers | steps(up, 0.6 * up)


def steps(up, down):
    return {"update_step": (up + down) / 2, "update_asymmetry": (up - down) / (up + down)}


CASES = {
    "linear": linear(False),
    "linear_retrace": linear(True),
    "exponential": exponential(),
}
SIGNED = np.repeat([1, -1], PULSES)


def of(curve, signed=SIGNED, **more):
    return Data(Path("cell.csv"), np.asarray(signed), np.asarray(curve, float), "uS", **more)


def recovered(law, draws):
    """How many noisy curves give back their law and all of its numbers."""
    curve, numbers = CASES[law]
    known = numbers | {"conductance_min": LOW, "conductance_max": HIGH}
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(draws):
        found = fit(of(curve + 0.01 * (HIGH - LOW) * rng.standard_normal(len(curve))))
        hits += found.law == law and all(
            abs(found.numbers[name][0] - value) <= found.numbers[name][1]
            for name, value in known.items()
        )
    return hits


@pytest.mark.parametrize("law", CASES)
def test_known_cells_are_recovered_within_their_intervals(law):
    assert recovered(law, 2) == 2


@pytest.mark.slow
@pytest.mark.parametrize("law", CASES)
def test_known_cells_are_recovered_in_95_of_100_draws(law):
    assert recovered(law, 100) >= 95


@pytest.mark.parametrize("law", CASES)
def test_an_exact_curve_gives_its_numbers_exactly(law):
    curve, numbers = CASES[law]
    found = fit(of(curve))
    assert found.law == law
    for name, value in numbers.items():
        assert found.numbers[name][0] == pytest.approx(value, rel=1e-3)
    assert found.determination == pytest.approx(1, abs=1e-8)
    assert found.verdict.is_met
    assert not found.verdict.is_systematic


def optima(law, count):
    """How many of some random cells with 1 % noise are fitted as well as from their own truth."""
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(count):
        curve, signed, family, x = truth(law, rng)
        measured = curve + 0.01 * rng.standard_normal(len(curve))
        done = plan(of(measured, signed))
        best = polish(family, x, measured, done, 100)
        found += solve(family, measured, done).cost <= best.cost * 1.001
    return found


@pytest.mark.parametrize("law", LAWS)
def test_the_optimum_is_found(law):
    assert optima(law, 4) == 4


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_the_optimum_is_found_for_98_of_100_random_cells(law):
    assert optima(law, 200) >= 196


@pytest.mark.parametrize("law", LAWS)
def test_random_cells_are_met_to_their_noise(law):
    rng = np.random.default_rng(2)
    curve, signed, *_ = truth(law, rng)
    found = fit(of(curve + 0.01 * rng.standard_normal(len(curve)), signed))
    assert found.residual < 1.2 * 0.01
    assert found.verdict.is_met


def test_curves_are_the_pulses_one_by_one():
    """Closed forms against the recursion, for one pulse and for many between readings."""
    rng = np.random.default_rng(3)
    for law in LAWS:
        curve, signed, family, x = truth(law, rng)
        done = plan(of(curve, signed))
        np.testing.assert_allclose(family.along(x[1:], 1, 0.1, np.array([1]))[0],
                                   one_step(family, x, 0.1), rtol=1e-12)  # fmt: skip
        assert done.rows == len(curve)
    for family in (LINEAR, *EXPONENTIAL):
        p = np.array([2e-4, 1e-4, family.slope * 2.0][: family.size])
        place, pulses = 0.0, 4000
        for _ in range(pulses):
            place = one_step(family, np.array([0, *p]), place)
        end = family.along(p, 1, 0.0, np.array([pulses]))[0]
        assert end == pytest.approx(place, abs=1e-6)


def one_step(family, x, place):
    if family.size == 2:
        return place + x[1] - x[2] * place
    return place + x[1] - x[2] * np.exp(x[3] * (place - (x[3] > 0)))


def test_a_million_pulses_or_rows_are_no_more_work():
    pulses = np.repeat([50_000, -50_000], 10)
    gone = np.concatenate([[0], np.cumsum(np.abs(pulses))])
    up = 1 - np.exp(-gone[:11] / 2e5)
    found = fit(of(np.concatenate([up, up[-1] * np.exp(-(gone[11:] - 5e5) / 2e5)]), pulses))
    assert found.law == "linear"
    assert found.residual < 1e-6
    rows = 200_001
    number = np.arange(rows)
    long = fit(of(1 - np.exp(-number / 1e5) + 0.01 * np.random.default_rng(0).standard_normal(rows),
                  np.ones(rows - 1, int)))  # fmt: skip
    assert len(long.data.conductance) <= ROWS_MAX + 2
    assert long.data.pulses.sum() == rows - 1
    assert long.residual == pytest.approx(0.01, rel=0.1)


def table(path, pulse, conductance, heading="pulse,conductance [uS]"):
    rows = [f"{n},{g:.6f}" for n, g in zip(pulse, conductance, strict=True)]
    path.write_text("\n".join([heading, *rows]) + "\n")
    return path


@pytest.mark.parametrize("unit", ["uS", "1"])
def test_a_file_becomes_a_sheet_that_can_be_used(unit, tmp_path):
    curve, numbers = CASES["linear"]
    measured = read(table(tmp_path / "cell.csv", np.arange(len(curve)), curve), unit)
    np.testing.assert_array_equal(measured.devices[0].pulses, SIGNED)
    path = tmp_path / "cell.toml"
    write(path, sheet("cell", technology(measured.devices)))
    assert device.check(path) == []
    cell = device.load(str(path)).cell()
    assert cell.law == "linear"
    assert cell.numbers["update_step"] == pytest.approx(numbers["update_step"], rel=1e-3)
    assert (device.load(str(path)).conductance_per_weight is None) == (unit == "1")


def test_one_way_alone_is_a_linear_law_without_the_other():
    curve = CASES["linear"][0]
    up = fit(of(curve[: PULSES + 1], SIGNED[:PULSES]))
    down = fit(of(curve[PULSES:], SIGNED[PULSES:]))
    assert (up.law, down.law) == ("linear", "linear")
    assert "nonlinearity_down" not in up.numbers
    assert "nonlinearity_up" not in down.numbers
    assert down.numbers["conductance_max"][0] == pytest.approx(HIGH, rel=1e-3)
    assert down.numbers["update_step"][0] == pytest.approx(
        neurosim.step(1.2, float(PULSES)).step, rel=1e-3
    )


@pytest.mark.slow
def test_down_before_up_gives_the_same_cell():
    curve, numbers = CASES["linear"]
    found = fit(of(np.concatenate([curve[PULSES:], curve[1 : PULSES + 1]]), -SIGNED))
    for name, value in numbers.items():
        assert found.numbers[name][0] == pytest.approx(value, rel=1e-3)


def test_a_cell_set_anew_each_time_is_fitted_as_one():
    up = CASES["linear"][0][: PULSES + 1]
    pulses = np.tile([*[1] * PULSES, 0], 3)[:-1]
    found = fit(of(np.tile(up, 3), pulses, starts=(0, PULSES + 1, 2 * (PULSES + 1))))
    assert found.residual < 1e-6
    assert found.numbers["nonlinearity_up"][0] == pytest.approx(
        neurosim.step(1.5, float(PULSES)).nonlinearity, rel=1e-3
    )
