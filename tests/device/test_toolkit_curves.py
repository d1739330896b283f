"""Nine sheets, pulse by pulse, against the update rules of the toolkit that they were read in.

400 pulses up and 400 down from zero weight. The mean stays within 0.3 % of the window and the
spread, by its standard deviation and by the middle 68 % of the cells, within 2 %; beside that
stands the sampling error of both sides, at a failure rate of ``FAILURE_RATE`` each.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from neuromgd.device.cell import read
from neuromgd.device.from_sheet import device_params
from neuromgd.device.traits import TRAITS, fabricate
from neuromgd.device.write import write, write_noises
from neuromgd.randomness import each, root_key
from neuromgd.sheets import device
from tests.device.cells import law_of, stored
from tests.oracles.toolkit import PRESETS, curve
from tests.statistics import FAILURE_RATE

AT, UP = (1, 50, 400, 450, 600, 800), 400
Z = stats.norm.isf(FAILURE_RATE / 2)


def simulated(name: str, cells: int) -> list[np.ndarray]:
    """What the product shows of many cells after the pulses ``AT``."""
    # The toolkit keeps stuck cells out of its presets.
    sheet = device_params(device.load(name).cell()).replace(stuck_fraction=None, stuck_range=None)
    law, key, like = law_of(name), root_key(1, 0), jnp.zeros(cells)
    traits = fabricate(sheet, (cells,), *(each(key, trait, 0, like) for trait in TRAITS))

    @jax.jit
    def to(cell, pulses):
        def one(cell, number):
            request = jnp.where(number <= UP, 1.0, -1.0) * sheet.update_step + like
            keys = (each(key, noise, number, like) for noise in write_noises(sheet))
            return write(law, "nearest", sheet, cell, request, *keys, traits=traits), None

        return jax.lax.scan(one, cell, pulses)[0]

    cell, seen = stored(sheet, np.zeros(cells), traits), []
    for start, end in zip((0, *AT), AT, strict=False):
        cell = to(cell, jnp.arange(start + 1, end + 1))
        seen.append(np.asarray(read(cell), np.float64))
    return seen


def middle(x: np.ndarray) -> float:
    """Half the width of the middle 68 %: σ of normal cells, and blind to a few far away."""
    return float(np.subtract(*np.quantile(x, stats.norm.cdf([1, -1]))) / 2)


def assert_alike(ours: np.ndarray, theirs: np.ndarray, window: float) -> None:
    n = len(theirs)
    assert abs(ours.mean() - theirs.mean()) < 0.003 * window + Z * theirs.std() * np.sqrt(2 / n)
    # Var[ln s] = (kurtosis − 1)/4n, of two samples; a few cells at their bounds weigh heavily.
    fourth = max(stats.kurtosis(one, fisher=False) for one in (ours, theirs))
    assert abs(ours.std() / theirs.std() - 1) < 0.02 + Z * np.sqrt((fourth - 1) / (2 * n))
    assert abs(middle(ours) / middle(theirs) - 1) < 0.02 + Z * np.sqrt(2 / n)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_cells_are_pulsed_as_by_the_toolkit(name):
    preset, cells = PRESETS[name], 60_000
    theirs = curve(preset, cells, 2, UP, AT)
    for one, other in zip(simulated(name, cells), theirs, strict=True):
        assert_alike(one, other, preset.high - preset.low)


# One sheet for each choice: γ and its bound, a sum with the gain.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["ecram_li_tang2018", "reram_es_gong2018"])
def test_few_cells_are_pulsed_as_by_the_toolkit(name):
    preset, cells = PRESETS[name], 10_000
    theirs = curve(preset, cells, 2, UP, AT)
    for one, other in zip(simulated(name, cells), theirs, strict=True):
        assert_alike(one, other, preset.high - preset.low)
