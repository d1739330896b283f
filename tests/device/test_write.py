"""Writing a cell: requests become pulses without bias, pulses obey the law, noise stays its own."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuromgd.device.cell import CellState, read, store
from neuromgd.device.laws import LAWS
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.device.pulse import pulse_count
from neuromgd.device.write import write, write_noises
from neuromgd.randomness import Stream, root_key, stream
from tests.statistics import assert_mean, assert_uncorrelated, assert_variance

CELLS = 64
ROUNDING_KEY = stream(root_key(3, 0), Stream.PULSE_ROUNDING)


def keys_of(params, seed=3, event=0):
    return tuple(stream(root_key(seed, 0), noise, event) for noise in write_noises(params))


def number(value):
    return jnp.asarray(value, jnp.float32)


def device(**values):
    return cell_params(values)


WINDOW = {"weight_min": -1.0, "weight_max": 1.0}
DW = 2.0**-6


@partial(jax.jit, static_argnums=0)
def written(rounding, params, cell, request, keys=None):
    """One write of one array of cells."""
    keys = keys_of(params) if keys is None else keys
    return write(LAWS["linear"], rounding, params, cell, request, *keys)


def cells(params, weight):
    return store(params, jnp.broadcast_to(number(weight), (CELLS,)))


def pulsed(params, weight, count):
    """Weights after a whole number of pulses, given in one write."""
    request = count * number(params.update_step) * jnp.ones(CELLS)
    return np.asarray(written("nearest", params, cells(params, weight), request).weight)


# Requests become pulses.


@pytest.fixture(scope="module")
def counts():
    """(writes, requests) pulses for one request of each kind, drawn over many writes."""
    requests = number([-7.25, -1.0, -0.5, -1e-3, 0.0, 1e-3, 0.3, 1.0, 2.999, 40.5])

    @jax.jit
    def draw(keys):
        one = lambda key: pulse_count(number(DW), DW * requests, "stochastic", key)
        return jax.vmap(one)(keys)

    return np.asarray(requests), np.asarray(draw(jax.random.split(ROUNDING_KEY, 20_000)))


def test_rounding_to_pulses_has_no_bias(counts):
    requests, drawn = counts
    part = requests - np.floor(requests)
    # Where the request is whole, nothing is drawn.
    np.testing.assert_array_equal(drawn[:, part == 0], requests[None, part == 0].repeat(20_000, 0))
    sure = part == 0
    assert_mean(drawn[:, ~sure], requests[~sure], (part * (1 - part))[~sure], sees=0.06)


def test_rounding_is_never_off_by_a_pulse_or_more(counts):
    requests, drawn = counts
    assert (np.abs(drawn - requests) < 1).all()
    assert (drawn == np.round(drawn)).all()


def test_cells_round_independently():
    @jax.jit
    def draw(keys):
        halves = jnp.full((16,), 0.5 * DW)
        return jax.vmap(lambda key: pulse_count(number(DW), halves, "stochastic", key))(keys)

    assert_uncorrelated(draw(jax.random.split(ROUNDING_KEY, 4096)))


@given(st.floats(-100, 100, width=32))
def test_nearest_rounding_is_never_off_by_more_than_half_a_pulse(request):
    count = pulse_count(number(1), number(request), "nearest", ROUNDING_KEY)
    assert abs(float(count) - request) <= 0.5


# Pulses obey the law.


@pytest.mark.parametrize("count", [-5, -1, 0, 1, 5])
def test_without_nonlinearity_every_step_is_the_same(count):
    params = device(update_step=DW, **WINDOW)
    np.testing.assert_array_equal(pulsed(params, 0.25, count), np.float32(0.25 + count * DW))


@given(
    up=st.floats(0, 1.5),
    down=st.floats(0, 1.5),
    count=st.integers(-60, 60),
    start=arrays.arrays(np.float32, CELLS, elements=st.floats(-0.875, 0.875, width=32)),
)
def test_many_pulses_at_once_are_as_many_single_ones(up, down, count, start):
    params = device(update_step=DW, nonlinearity_up=up, nonlinearity_down=down, **WINDOW)
    # The law by hand, one pulse after the other, in float64: Gokmen and Vlasov (2016).
    weight = start.astype(float)
    for _ in range(abs(count)):
        step = DW * (1 - up * weight) if count > 0 else -DW * (1 + down * weight)
        weight = np.clip(weight + step, -1, 1)
    np.testing.assert_allclose(pulsed(params, start, count), weight, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("window", [(-0.5, 2.0), (-3.0, 0.25)])
def test_the_nonlinearity_is_measured_against_its_own_bound(window):
    low, high = window
    params = device(
        update_step=DW, nonlinearity_up=0.8, nonlinearity_down=0.4, weight_min=low, weight_max=high
    )
    up, down = pulsed(params, 0.1, 1), pulsed(params, 0.1, -1)
    np.testing.assert_allclose(up, 0.1 + DW * (1 - 0.8 * 0.1 / high), rtol=1e-6)
    np.testing.assert_allclose(down, 0.1 - DW * (1 - 0.4 * 0.1 / low), rtol=1e-6)


@pytest.mark.parametrize("window", [(0.0, 1.0), (0.2, 1.0), (-1.0, -0.2), (-1.0, 0.0)])
def test_a_window_on_one_side_of_zero_has_steps_both_ways(window):
    low, high = window
    middle = (low + high) / 2
    params = device(update_step=DW, weight_min=low, weight_max=high)
    np.testing.assert_allclose(pulsed(params, middle, 3), middle + 3 * DW, rtol=1e-6)
    np.testing.assert_allclose(pulsed(params, middle, -3), middle - 3 * DW, rtol=1e-6)


@given(
    gamma=st.floats(0, 1),
    counts=st.tuples(st.integers(-500, 500), st.integers(-500, 500)),
    start=arrays.arrays(np.float32, CELLS, elements=st.floats(-1, 1, width=32)),
)
def test_more_pulses_move_further_and_never_past_a_bound(gamma, counts, start):
    params = device(update_step=DW, nonlinearity_up=gamma, nonlinearity_down=gamma, **WINDOW)
    fewer, more = (pulsed(params, start, count) for count in sorted(counts))
    assert (fewer <= more + 1e-6).all()
    assert min(fewer.min(), more.min()) >= -1
    assert max(fewer.max(), more.max()) <= 1


REQUESTS = arrays.arrays(np.float32, CELLS, elements=st.floats(-100, 100, width=32))
ROUGH = device(
    update_step=DW,
    nonlinearity_up=0.5,
    nonlinearity_down=0.1,
    update_noise=0.3,
    write_noise=0.1,
    weight_min=-0.4,
    weight_max=0.7,
)


@given(
    start=arrays.arrays(np.float32, CELLS, elements=st.floats(-1, 1, width=32)), request=REQUESTS
)
def test_whatever_is_requested_a_cell_stays_in_its_window(start, request):
    cell = store(ROUGH, jnp.asarray(start))
    for weight in (cell.weight, written("stochastic", ROUGH, cell, jnp.asarray(request)).weight):
        assert weight.min() >= np.float32(-0.4)
        assert weight.max() <= np.float32(0.7)


@pytest.mark.parametrize("bound", ["weight_min", "weight_max"])
def test_one_bound_alone_is_held_too(bound):
    params = device(**{bound: WINDOW[bound]})
    for sign in (-1, 1):
        weight = written("nearest", params, cells(params, 0.0), number([3.0 * sign] * CELLS)).weight
        is_held = sign == np.sign(WINDOW[bound])
        np.testing.assert_array_equal(weight, sign * (1.0 if is_held else 3.0))


# Continuous writes, and noise.


def test_a_continuous_write_is_the_request():
    params = DeviceParams()
    cell = written("stochastic", params, cells(params, 0.25), number([0.125] * CELLS))
    np.testing.assert_array_equal(cell.weight, 0.375)
    assert cell.seen is None


@pytest.mark.parametrize("params", [DeviceParams(), device(update_step=DW, **WINDOW), ROUGH])
def test_a_request_of_zero_leaves_a_cell_as_it_was(params):
    before = written("nearest", params, cells(params, 0.3), number([DW] * CELLS))
    after = written("stochastic", params, before, jnp.zeros(CELLS))
    jax.tree.map(np.testing.assert_array_equal, after, before)


@pytest.fixture(scope="module")
def noisy():
    """(writes, cells) changes of weight, and what is seen above it, over many equal writes."""
    params = device(update_noise=0.02, write_noise=0.05)
    cell = cells(params, 0.25)

    @jax.jit
    def draw(keys):
        rewritten = lambda *keys: write(
            LAWS["linear"], "stochastic", params, cell, jnp.full(CELLS, 0.5), *keys
        )
        return jax.vmap(rewritten)(*keys)

    after = draw(tuple(jax.random.split(key, 20_000) for key in keys_of(params)))
    return np.asarray(after.weight) - 0.75, np.asarray(read(after) - after.weight)


@pytest.mark.parametrize(("which", "sigma"), [(0, 0.02), (1, 0.05)], ids=["update", "write"])
def test_noise_of_a_write_has_its_variance_and_no_bias(noisy, which, sigma):
    assert_mean(noisy[which], 0, sigma**2, sees=0.06)
    assert_variance(noisy[which], sigma**2)


def test_every_cell_has_noise_of_its_own(noisy):
    # One draw shared by all synapses would be a drift of the whole array.
    assert_uncorrelated(np.concatenate(noisy, axis=1))


def test_what_is_seen_is_lost_at_the_next_write_and_the_weight_is_not():
    params = device(write_noise=0.1)
    cell = cells(params, 0.0)
    np.testing.assert_array_equal(read(cell), 0)
    step = number([0.125] * CELLS)
    for event in range(1, 5):
        keys = keys_of(params, 0, event)
        before, cell = cell, written("stochastic", params, cell, step, keys)
        # The noise of earlier writes is nowhere in the weight, to the last bit.
        np.testing.assert_array_equal(cell.weight, 0.125 * event)
        assert (read(cell) != read(before)).all()
        np.testing.assert_array_equal(cell.writes, event)


def test_only_a_cell_that_is_pulsed_is_written():
    params = device(update_step=DW, write_noise=0.1, **WINDOW)
    first = written("nearest", params, cells(params, 0.0), number([DW] * CELLS))
    some = number(np.arange(CELLS) % 2)
    keys = keys_of(params, 1)
    second = written("nearest", params, first, some * number(DW) + 0.3 * DW, keys)
    untouched = np.asarray(some == 0)
    np.testing.assert_array_equal(second.writes, np.where(untouched, 1, 2))
    np.testing.assert_array_equal(read(second)[untouched], read(first)[untouched])
    assert (read(second) != read(first))[~untouched].all()
    np.testing.assert_array_equal(second.weight, np.where(untouched, DW, 2 * DW))


def test_an_effect_of_size_zero_is_no_effect():
    none = device(update_step=DW, **WINDOW)
    zero = device(update_step=DW, update_noise=0, nonlinearity_up=0, nonlinearity_down=0, **WINDOW)
    request = jnp.linspace(-0.3, 0.3, CELLS)
    without, with_zero = (
        written("stochastic", params, cells(params, 0.1), request) for params in (none, zero)
    )
    assert isinstance(without, CellState)
    np.testing.assert_allclose(with_zero.weight, without.weight, rtol=1e-6)
