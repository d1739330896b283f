"""The curves of a device and the figure that is drawn of them."""

import numpy as np
import pytest

from neuromgd.characterise.curves import curves
from neuromgd.plots.device import device as draw
from neuromgd.sheets import device

CELLS = 50


def of(name):
    return curves(device.load(name).cell(), CELLS)


@pytest.mark.parametrize("name", ["fefet_jerry2017", "pcm_nandakumar2020", "sram_nbit", "ideal_fp"])
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
