"""The full scale that a chip sets itself, by the number of its codes."""

import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.converter import quantise, top_level
from neuromgd.loading import ARRAY_GROWTHS, HEADROOM, LARGEST, loading, relative_error, room
from neuromgd.network.converters import converters
from neuromgd.network.params import NetworkParams, Ranges

# Equally spaced levels of least squared error for a normal input, spacing [σ] and error, by their
# number; Max, IRE Trans. Inf. Theory 6, 7 (1960), tab. II.
MAX = {2: (1.224, 0.1902), 3: (0.6508, 0.04686)}


@pytest.mark.parametrize(("bits", "expected"), MAX.items())
def test_the_error_is_least_where_it_is_published(bits, expected):
    top, (spacing, error) = float(top_level(bits)), expected
    assert relative_error(top * spacing, top) == pytest.approx(error, rel=1e-3)
    for other in (0.97, 1.03):
        assert relative_error(other * top * spacing, top) > relative_error(top * spacing, top)


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
@pytest.mark.parametrize("full_scale", [0.5, 2.0, 9.0])
def test_the_error_is_that_of_the_converter(bits, full_scale):
    # The converter itself, integrated over the density on a fine grid.
    x = np.linspace(-9, 9, 36_001, dtype=np.float32)
    heard = np.asarray(quantise(jnp.asarray(x), jnp.float32(full_scale), top_level(bits)), float)
    density = np.exp(-(x.astype(float) ** 2) / 2) / np.sqrt(2 * np.pi)
    expected = np.sum(density * (x - heard) ** 2) * (x[1] - x[0])
    assert relative_error(full_scale, float(top_level(bits))) == pytest.approx(expected, rel=2e-3)


def test_few_codes_are_not_lost_in_room_that_is_never_used():
    scales = [loading(float(top_level(bits))) for bits in range(1, 13)]
    assert scales[7:] == [HEADROOM] * 5
    assert scales == sorted(scales)
    # Of two bits the only step must be heard: half a code is about the mean |ΔC|.
    assert 0.7 < scales[1] / 2 < 1.3
    # Least over the slopes of the beginning and twice that, found on a grid.
    sigma = np.sqrt(np.pi / 2)
    for bits in (1, 2, 3, 4):
        top = float(top_level(bits))
        grid = np.linspace(0.2, 10, 981)
        errors = [relative_error(r / sigma, top) + relative_error(r / sigma / 2, top) for r in grid]
        assert scales[bits - 1] == pytest.approx(grid[np.argmin(errors)], abs=0.011)


def test_the_room_of_an_array_is_where_the_error_is_least_over_its_growth():
    rooms = [room(float(top_level(bits))) for bits in range(1, 13)]
    assert rooms == sorted(rooms)
    assert rooms[8:] == [ARRAY_GROWTHS[-1]] * 4
    for bits in (1, 2, 4, 6):
        top, grid = float(top_level(bits)), np.linspace(0.05, 4, 400)
        errors = [sum(relative_error(LARGEST * r / g, top) for g in ARRAY_GROWTHS) for r in grid]
        assert rooms[bits - 1] == pytest.approx(grid[np.argmin(errors)], abs=0.011)


def test_an_array_that_shows_nothing_takes_the_range_of_the_others():
    def scales(shown):
        ranges = Ranges(dac=jnp.asarray(shown), adc=jnp.asarray(shown))
        around = converters(NetworkParams(adc_top=jnp.float32(127)), ranges)
        return [float(one.full_scale) for one in around.adc]

    np.testing.assert_array_equal(scales([0.0, 3.0, 2.0]), [3.0, 3.0, 2.0])
    np.testing.assert_array_equal(scales([0.0, 0.0]), [1.0, 1.0])
