"""The curves of a device and the figure that is drawn of them."""

import numpy as np
import pytest

from neuromgd.characterise.curves import curves
from neuromgd.plots.device import Conductance
from neuromgd.plots.device import device as draw
from neuromgd.sheets import device

CELLS = 50


def of(name):
    return curves(device.load(name).cell(), CELLS)


@pytest.mark.parametrize(
    "name",
    [
        "fefet_jerry2017",
        pytest.param("pcm_nandakumar2020", marks=pytest.mark.slow),
        "sram_nbit",
        "ideal_fp",
    ],
)
def test_a_figure_has_a_panel_for_what_is_known(name, tmp_path):
    draw(name, tmp_path / "figure.png", *of(name))
    assert (tmp_path / "figure.png").stat().st_size > 5_000


def test_a_pulse_response_crosses_the_window_and_comes_back():
    found = of("fefet_jerry2017")
    points = (len(found.pulse) - 1) // 4
    mean = found.weight.mean(1)
    assert found.weight.shape == (4 * points + 1, CELLS)
    assert mean[0] == pytest.approx(-1, abs=1e-6)
    assert mean[points] > 0.8
    assert mean[2 * points] < -0.5
    assert np.all(np.diff(mean[: points + 1]) > 0)


def test_a_drifting_cell_loses_conductance_with_time():
    found = of("pcm_joshi2020")
    assert np.all(np.diff(found.retained.mean(1)) < 0)
    assert found.retained[-1].std() > found.retained[0].std()
    assert not found.pulse.size
    assert found.aim.size


def test_one_seed_is_one_figure():
    one, other = of("ecram_li_tang2018"), of("ecram_li_tang2018")
    np.testing.assert_array_equal(one.weight, other.weight)


@pytest.mark.slow
def test_single_cells_are_shown_as_they_are_read():
    cell = device.load("pcm_nandakumar2020").cell()
    noisy = cell._replace(numbers=cell.numbers | {"read_noise": 0.05, "flicker_noise": None})
    found = curves(noisy, CELLS)
    quiet = found.reading - found.weight
    sigma = quiet.std()
    assert sigma == pytest.approx(0.05 / 2**0.5, rel=0.1)
    # Each reading is fresh.
    assert abs(np.corrcoef(quiet[10], quiet[11])[0, 1]) < 0.6


def test_a_cell_that_is_read_exactly_is_shown_as_it_is():
    found = of("fefet_jerry2017")
    np.testing.assert_array_equal(found.reading, found.weight)


@pytest.mark.slow
def test_a_pair_goes_down_by_its_other_cell():
    found = of("pcm_nandakumar2020")
    points = (len(found.pulse) - 1) // 4
    mean = found.weight.mean(1)
    assert mean[0] < 0 < mean[points]
    assert mean[2 * points] < mean[points] - 0.3


@pytest.mark.slow
def test_a_full_pair_is_refreshed():
    """Without it both cells end at their tops, and the weight stands still at their difference."""
    cell = device.load("pcm_nandakumar2020").cell()
    dull = cell._replace(numbers={name: number for name, number in cell.numbers.items()
                                  if not name.startswith("refresh")})  # fmt: skip
    with_it, without = curves(cell, CELLS), curves(dull, CELLS)
    assert not np.allclose(with_it.weight.mean(1), without.weight.mean(1), atol=0.05)


def test_conductances_stand_on_a_second_axis(tmp_path):
    found = of("fefet_jerry2017")
    draw("x", tmp_path / "with.png", *found, conductance=Conductance(20.0, 15.0, "G [uS]"))
    draw("x", tmp_path / "without.png", *found)
    assert (tmp_path / "with.png").read_bytes() != (tmp_path / "without.png").read_bytes()
