"""Steps by pieces: pulses at once are the same pulses one by one, whatever pieces they cross."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.device.laws import LAWS
from neuromgd.device.response import response
from neuromgd.errors import InputError
from neuromgd.options.device import DeviceConfig
from neuromgd.plan.memory_cell import cell_of
from neuromgd.sheets.quantities import EFFECTS
from tests.device.cells import params, pulse_by_pulse

PIECES = LAWS["pieces"]
UP, DOWN = [0.2, 1.0, 0.7, 0.7, 0.0], [0.0, 0.5, 1.5, 0.1, 0.3]
LOW, HIGH, STEP = -0.5, 1.5, 0.08
START = np.array([-0.5, -0.37, 0.0, 0.2, 0.74, 1.1, 1.4999, 1.5])


def cells(**more):
    return response(params(
        update_step=STEP, weight_min=LOW, weight_max=HIGH, pieces_up=UP, pieces_down=DOWN, **more
    ))  # fmt: skip


def step_of(sizes, sign):
    """The size of a pulse is read off between the points, as a sheet gives them."""
    places = np.linspace(LOW, HIGH, len(sizes))
    return lambda weight: sign * STEP * np.interp(weight, places, sizes)


@pytest.mark.parametrize("count", [1, 2, 7, 40, 1_000])
def test_many_pulses_are_those_of_the_sheet_one_by_one(count):
    for sizes, sign in ((UP, 1), (DOWN, -1)):
        ours, variance = PIECES.pulses(
            cells(), jnp.asarray(START, jnp.float32), jnp.full(8, float(sign * count))
        )
        assert variance is None
        wanted = pulse_by_pulse(step_of(sizes, sign), START, count, bounds=(LOW, HIGH))
        np.testing.assert_allclose(ours, wanted, atol=2e-5)


def test_noise_adds_up_over_the_pieces():
    """Σ (σ f(w_i) dw Π f')² of the pulses, each stretched by those that follow, to first order."""
    count, sigma, absolute = 12, 0.05, 1e-3
    _, ours = PIECES.pulses(
        cells(cycle_noise=sigma, cycle_noise_absolute=absolute),
        jnp.asarray(START[1:4], jnp.float32), jnp.full(3, float(count)),
    )  # fmt: skip
    slopes = np.diff(UP) * 4 / (HIGH - LOW)
    for start, found in zip(START[1:4], ours, strict=True):
        weight, variance = start, 0.0
        for _ in range(count):
            size = step_of(UP, 1)(weight)
            piece = min(int(4 * (weight - LOW) / (HIGH - LOW)), 3)
            stretch = 1 + STEP * slopes[piece]
            variance = variance * stretch**2 + (sigma * size) ** 2 + absolute**2
            weight = min(weight + size, HIGH)
        np.testing.assert_allclose(found, variance, rtol=0.1)


HEAD = """
name = "pieces"
technology = "made up"
law = "pieces"
not_modelled = [{said}]

[source]
authors = "A. Author"
title = "T"
venue = "V"
"""


def sheet(tmp_path, up):
    said = ", ".join(f'"{effect}: made up"' for effect in EFFECTS)
    text = HEAD.replace("{said}", said)
    for key, value, unit in (
        ("update_step", STEP, "w.u."), ("weight_min", LOW, "w.u."), ("weight_max", HIGH, "w.u."),
        ("pieces_up", up, "1"), ("pieces_down", DOWN, "1"),
    ):  # fmt: skip
        text += f'\n[quantities.{key}]\nvalue = {value}\nunit = "{unit}"\n'
        text += 'basis = "assumed"\nwhere = "test"\n'
    path = tmp_path / "pieces.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_sheet_gives_the_points(tmp_path):
    cell = cell_of(DeviceConfig(sheet=sheet(tmp_path, UP)))
    assert cell.law is PIECES
    np.testing.assert_allclose(cell.params.law_numbers["pieces_up"], UP, rtol=1e-6)
    np.testing.assert_allclose(cell.params.law_numbers["pieces_down"], DOWN, rtol=1e-6)
    with pytest.raises(InputError, match=r"pieces_up\.value: .*: expected two points or more"):
        cell_of(DeviceConfig(sheet=sheet(tmp_path, [1.0])))
    path = Path(sheet(tmp_path, UP))
    without = path.read_text(encoding="utf-8").replace("pieces_down", "programming_noise")
    path.write_text(without, encoding="utf-8")
    with pytest.raises(InputError, match="law pieces needs pieces_down"):
        cell_of(DeviceConfig(sheet=str(path)))
