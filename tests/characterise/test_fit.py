"""Fits of pulse responses: known cells come back within the stated intervals."""

from pathlib import Path

import numpy as np
import pytest
import tomli_w
from scipy.optimize import brentq

from neuromgd.characterise.curve import Data, read
from neuromgd.characterise.fit import fit
from neuromgd.characterise.sheet import sheet
from neuromgd.sheets import device, neurosim

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


def recovered(law, draws):
    """How many noisy curves give back their law and all of its numbers."""
    curve, numbers = CASES[law]
    truth = numbers | {"conductance_min": LOW, "conductance_max": HIGH}
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(draws):
        noisy = curve + 0.01 * (HIGH - LOW) * rng.standard_normal(len(curve))
        found = fit(Data(Path("draw.csv"), SIGNED, noisy, "uS"))
        hits += found.law == law and all(
            abs(found.numbers[name][0] - value) <= found.numbers[name][1]
            for name, value in truth.items()
        )
    return hits


@pytest.mark.parametrize("law", CASES)
def test_known_cells_are_recovered_within_their_intervals(law):
    assert recovered(law, 6) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("law", CASES)
def test_known_cells_are_recovered_in_95_of_100_draws(law):
    assert recovered(law, 100) >= 95


@pytest.mark.parametrize("law", CASES)
def test_an_exact_curve_gives_its_numbers_exactly(law):
    curve, numbers = CASES[law]
    found = fit(Data(Path("exact.csv"), SIGNED, curve, "uS"))
    assert found.law == law
    for name, value in numbers.items():
        assert found.numbers[name][0] == pytest.approx(value, rel=1e-3)
    assert found.determination == pytest.approx(1, abs=1e-8)


def write(path, pulse, conductance, heading="pulse,conductance [uS]"):
    rows = [f"{n},{g:.6f}" for n, g in zip(pulse, conductance, strict=True)]
    path.write_text("\n".join([heading, *rows]) + "\n")
    return path


def test_a_file_becomes_a_sheet_that_can_be_used(tmp_path):
    curve, numbers = CASES["linear"]
    (data,) = read(write(tmp_path / "cell.csv", np.arange(len(curve)), curve)).devices
    np.testing.assert_array_equal(data.pulses, SIGNED)
    found = fit(data)
    path = tmp_path / "cell.toml"
    path.write_text(tomli_w.dumps(sheet("cell", data, found)))
    assert device.check(path) == []
    cell = device.load(str(path)).cell()
    assert cell.law == "linear"
    assert cell.numbers["update_step"] == pytest.approx(numbers["update_step"], rel=1e-3)


def test_a_way_up_alone_is_a_linear_law_without_a_way_down(tmp_path):
    curve = CASES["linear"][0][: PULSES + 1]
    (data,) = read(write(tmp_path / "up.csv", np.arange(len(curve)), curve)).devices
    found = fit(data)
    assert found.law == "linear"
    assert "nonlinearity_down" not in found.numbers


def test_a_falling_pulse_number_is_a_way_down(tmp_path):
    curve = CASES["linear_retrace"][0]
    pulse = np.concatenate([[0], np.cumsum(SIGNED)])
    (data,) = read(write(tmp_path / "cell.csv", pulse, curve)).devices
    np.testing.assert_array_equal(data.pulses, SIGNED)


def test_a_random_walk_is_told_from_white_noise():
    curve = CASES["linear"][0]
    rng = np.random.default_rng(0)
    walk = np.cumsum(0.2 * rng.standard_normal(len(curve)))
    found = fit(Data(Path("walk.csv"), SIGNED, curve + walk, "uS"))
    assert found.correlation < 1
    white = fit(Data(Path("white.csv"), SIGNED, curve + rng.standard_normal(len(curve)), "uS"))
    assert white.correlation > 1.5
