"""Temperature scales what a cell conducts and how far a pulse moves it, not what it keeps."""

import numpy as np
import pytest

from neuromgd.device.cell import read
from neuromgd.device.laws import LAWS
from neuromgd.device.params import cell_params
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.retention import advance
from neuromgd.sheets import library
from neuromgd.sheets.device import load
from tests.device.cells import made, number, stored, written

LINEAR = LAWS["linear"]
START = np.array([-0.8, -0.2, 0.0, 0.3, 0.9])
COLD = dict(
    update_step=0.01, weight_min=-1, weight_max=1, zero_signal_weight=-1.5, read_noise_relative=0.1,
    temperature=300, reference_temperature=300,
)  # fmt: skip
HEAT = dict(conductance_temperature=-2e-3, conductance_activation=300.0,
            step_temperature=5e-3, step_activation=-500.0)  # fmt: skip


def factor(coefficient, activation, temperature, reference=300.0):
    arrhenius = np.exp(activation * (1 / reference - 1 / temperature))
    return (1 + coefficient * (temperature - reference)) * arrhenius


def test_a_warm_cell_conducts_by_its_law_and_comes_back():
    p = cell_params(COLD | HEAT)
    cell = stored(p, START)
    np.testing.assert_allclose(read(cell), START, rtol=1e-6)
    warm = advance(p, made(p, (5,), 1), cell, number(0), number(360.0))
    wanted = -1.5 + (START + 1.5) * factor(-2e-3, 300.0, 360.0)
    np.testing.assert_allclose(read(warm), wanted, rtol=1e-5)
    # Noise that is told over the conductance goes with it.
    np.testing.assert_allclose(
        read_deviation(p, made(p, (5,), 1), warm), 0.1 * (wanted + 1.5), rtol=1e-5
    )
    back = advance(p, made(p, (5,), 1), warm, number(0), number(300.0))
    np.testing.assert_allclose(read(back), START, rtol=1e-6)
    # One that is made and kept warm conducts the same.
    hot = cell_params(COLD | HEAT | dict(temperature=360))
    np.testing.assert_allclose(read(stored(hot, START)), wanted, rtol=1e-5)


def test_a_pulse_is_as_large_as_the_temperature_makes_it():
    p = cell_params(COLD | HEAT | dict(temperature=360))
    cell = stored(p, np.zeros(5))
    asked = np.array([0.01, 0.02, -0.03, 0.05, 0.0])
    after = written(LINEAR, p, cell, asked, 1)
    # As many pulses as at the reference.
    np.testing.assert_allclose(after.weight, asked * factor(5e-3, -500.0, 360.0), rtol=1e-4)
    np.testing.assert_allclose(
        read(after), -1.5 + (after.weight + 1.5) * factor(-2e-3, 300.0, 360.0), rtol=1e-5
    )


def test_correlated_traits_keep_their_spreads():
    p = cell_params(dict(
        update_step=0.01, weight_min=-1, weight_max=1, update_step_spread=0.1,
        update_asymmetry_spread=0.2, weight_max_spread=0.1, weight_min_spread=0.1,
        step_asymmetry_correlation=-0.6, step_bound_correlation=0.8,
    ))  # fmt: skip
    cells = made(p, (40_000,), 3)
    drawn = np.stack([cells.step_gain, cells.asymmetry, cells.weight_max, -cells.weight_min])
    rho = np.corrcoef(drawn.astype(float))
    # σ of a correlation of n pairs is at most 1/√n: five of them.
    slack = 5 / np.sqrt(40_000)
    np.testing.assert_allclose(rho[0], [1, -0.6, 0.8, 0.8], atol=slack)
    np.testing.assert_allclose(rho[2, 3], 0.64, atol=slack)
    np.testing.assert_allclose(drawn.std(1), [0.1, 0.2, 0.1, 0.1], rtol=0.03)


def test_a_spread_of_the_power_is_about_its_mean_and_never_below_one():
    p = cell_params(dict(
        update_step=0.01, weight_min=-1, weight_max=1, power_exponent=2.0, power_exponent_spread=0.2
    ))  # fmt: skip
    own = np.asarray(made(p, (20_000,), 3).law_numbers["power_exponent"], float)
    assert own.min() >= 1
    np.testing.assert_allclose([own.mean(), own.std()], [2.0, 0.2], atol=5 * 0.2 / np.sqrt(20_000))


def test_a_sheet_tells_its_temperature_coefficients(tmp_path):
    name = "epiram_choi2018"
    text = library.text(library.locate("devices", name)).replace(f'"{name}"', '"warm"', 1)
    more = "".join(
        f'\n[quantities.{key}]\nvalue = {value}\nunit = "{unit}"\n'
        'basis = "assumed"\nwhere = "test"\n'
        for key, value, unit in (
            ("conductance_temperature", -0.002, "1/K"), ("step_activation_energy", 0.1, "eV"),
            ("temperature", 298, "K"),
        )
    )  # fmt: skip
    path = tmp_path / "warm.toml"
    path.write_text(text + more, encoding="utf-8")
    numbers = load(str(path)).cell().numbers
    assert numbers["conductance_temperature"] == -0.002
    assert numbers["step_activation"] == pytest.approx(0.1 / 8.617333e-5, rel=1e-6)
    assert numbers["temperature"] == numbers["reference_temperature"] == 298
