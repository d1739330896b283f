"""The residue: nothing that was asked for is lost, and nothing is written below the threshold."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuromgd.converter import top_level
from neuromgd.device.cell import read
from neuromgd.device.laws import LAWS
from neuromgd.device.threshold import weight_step
from neuromgd.randomness import root_key
from neuromgd.synapse.residue import asked, gathered
from neuromgd.synapse.state import SynapseParams
from tests.device.cells import number, params, stored, written
from tests.statistics import assert_mean, assert_variance

KEY = root_key(2, 0)
# Multiples of 1/1024, so that float32 sums of them are exact.
REQUESTS = arrays.arrays(np.int32, (12, 4), elements=st.integers(-300, 300))
WINDOW = dict(weight_min=-1, weight_max=1)


def circuit(**numbers):
    numbers = {"amplitude": 0.5, "learning_rate": 1.0} | numbers
    return SynapseParams(**{name: jnp.float32(value) for name, value in numbers.items()})


def gathers(p, kept, request, window=0, timesteps=1, rounding="nearest"):
    total = gathered(
        p, rounding, {"a": number(kept)}, {"a": number(request)}, KEY, jnp.int32(window), timesteps
    )
    return total["a"]


def all_asked(requests, step, least, most=None):
    """What is asked of cells in every window, and the residues after it."""
    kept, path = jnp.zeros(requests.shape[1:]), []
    for request in requests:
        total = gathers(circuit(), kept, request)
        whole = asked(total, step, least, most)
        kept = total - whole
        path.append((np.asarray(whole), np.asarray(kept)))
    return map(np.stack, zip(*path, strict=True))


@given(REQUESTS, st.integers(1, 9), st.sampled_from([None, 1, 2, 5]))
def test_what_was_asked_is_what_was_requested_within_a_threshold(requests, step, pulses):
    step, requests = np.float32(step / 64), requests / 1024
    least = None if pulses is None else np.float32(pulses) * step
    whole, kept = all_asked(requests, number(step), least)
    within = step / 2 if pulses is None else max(pulses * step, step / 2)
    assert (np.abs(np.cumsum(whole, 0) - np.cumsum(requests, 0)) <= within * (1 + 1e-6)).all()
    np.testing.assert_allclose(np.cumsum(whole, 0) + kept, np.cumsum(requests, 0), atol=1e-6)
    assert (whole[whole != 0] / step == np.round(whole[whole != 0] / step)).all()
    # Nothing is asked for below the threshold, also if it would round to a pulse.
    assert least is None or (np.abs(whole + kept)[whole != 0] >= least * (1 - 1e-6)).all()


@pytest.mark.slow
@given(REQUESTS, st.integers(1, 200))
def test_where_any_change_can_be_asked_all_of_it_is_written_or_none(requests, least):
    requests, least = requests / 1024, np.float32(least / 1024)
    whole, kept = all_asked(requests, None, least)
    assert (np.abs(kept) < least).all()
    assert (np.abs(whole[whole != 0]) >= least).all()
    assert not kept[whole != 0].any()


def test_a_write_of_few_pulses_leaves_the_others_for_the_next():
    whole, kept = all_asked(np.array([[1.0], [0.0], [0.0]]), number(0.1), None, number(4))
    np.testing.assert_allclose(whole[:, 0], [0.4, 0.4, 0.2], rtol=1e-6)
    np.testing.assert_allclose(kept[:, 0], [0.6, 0.2, 0.0], atol=1e-6)


CELLS = {
    "pulses": dict(update_step=1 / 64, **WINDOW),
    "levels": dict(levels=129, **WINDOW),
    "pair": dict(update_step=1 / 64, weight_min=0, weight_max=4, zero_signal_weight=0),
    "one-sided": dict(
        update_step=1 / 64, weight_min=0, weight_max=4, zero_signal_weight=0, refresh_upper=1
    ),
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells_without_noise_hold_a_rounded_running_sum(kind):
    p, law, is_pair = params(**CELLS[kind]), LAWS["linear"], kind in ("pair", "one-sided")
    step = float(weight_step(law, p, is_pair))
    requests = np.random.default_rng(3).integers(-40, 40, (20, 8)) / 2048
    cell, kept = stored(p, np.zeros(8), is_pair=is_pair), np.zeros(8)
    for window, request in enumerate(requests):
        total = gathers(circuit(), kept, request, window)
        whole = asked(total, number(step), None, None)
        kept, cell = total - whole, written(law, p, cell, whole, window)
        sums = requests[: window + 1].sum(0)
        off = np.abs(np.asarray(read(cell), float) - sums)
        assert (off <= step / 2 + 1e-6).all()
        np.testing.assert_allclose(read(cell) / step, np.round(read(cell) / step), atol=1e-4)


def test_the_circuit_leaks_saturates_and_has_codes():
    leaking = circuit(residue_leak=0.1)
    np.testing.assert_allclose(gathers(leaking, [0.5], [0.25], timesteps=3), [0.6145], rtol=1e-6)
    narrow = circuit(residue_range=0.3)
    np.testing.assert_allclose(gathers(narrow, [0.2, -0.2], [0.2, -0.2]), [0.3, -0.3], rtol=1e-6)
    coded = narrow.replace(residue_top=top_level(3))
    np.testing.assert_allclose(gathers(coded, [0.0], [0.06]), [0.1], rtol=1e-6)
    sums = jax.vmap(lambda n: gathers(coded, [0.0], [0.06], n, rounding="stochastic"))
    assert_mean(sums(jnp.arange(40_000)), 0.06, 0.1**2 * 0.6 * 0.4, sees=0.05)


def test_the_noise_of_the_circuit_is_fresh_in_every_window():
    noisy = circuit(residue_noise=0.1)
    drawn = np.stack([gathers(noisy, np.zeros(9_000), np.zeros(9_000), n) for n in (0, 1)])
    assert_variance(drawn[0], 0.01)
    assert_mean(drawn[0] * drawn[1], 0, 1e-4, sees=0.1)
