"""The range of ΔC in its own running deviations: one reading has only so much to say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.bus.clip import clip_state, clipped, heard, ranged
from neuromgd.bus.meter import BusParams
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.record import Record
from neuromgd.chip.window import window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import IDEAL, NETWORK, NOISY, number, samples

BUS = BusParams(delta_clip=number(1.5), delta_clip_windows=number(3))


def clipping(params, deviations=0.5, windows=2):
    bus = params.bus.replace(delta_clip=number(deviations), delta_clip_windows=number(windows))
    return params.replace(bus=bus)


@settings(max_examples=40)
@given(st.lists(st.lists(st.floats(-10, 10, width=32), max_size=4), min_size=1, max_size=6))
def test_the_running_power_is_a_mean_at_first_and_a_low_pass_then(windows):
    """Window k of time constant τ weighs max(1/τ, 1/(k + 1)); one without broadcasts nothing."""
    state, power = clip_state(BUS), 0.0
    for place, deltas in enumerate(windows):
        for delta in deltas:
            state = heard(state, jnp.float32(delta))
        state = ranged(BUS, state, jnp.int32(place))
        if deltas:
            power += max(1 / 3, 1 / (place + 1)) * (np.mean(np.square(deltas)) - power)
        assert float(state.power) == pytest.approx(power, rel=1e-5, abs=1e-30)
        assert (float(state.squares), int(state.broadcasts)) == (0, 0)
    given_one = jnp.float32([-40, 0.25, 40])
    # Of what is too small for float32, squares are 0.
    limit = 1.5 * np.sqrt(power) if np.float32(power) > 0 else np.inf
    wanted = np.clip(given_one, -limit, limit)
    np.testing.assert_allclose(clipped(BUS, state, given_one), wanted, rtol=1e-5)


def after(engine, mode, params, tau, windows=3, **choices):
    machine, advance = Machine(Design(NETWORK, mode=mode, **choices), params, tau), jax.jit(engine)
    chip, records = fabricate(machine, root_key(1, 0)), []
    for place in range(windows):
        shown = samples(tau.update // tau.sample, seed=place)
        chip, record = advance(machine, chip, jnp.int32(place), shown)
        records.append(record)
    return chip, records


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "params", "tau", "code", "broadcast"),
    [
        (MODES["weight"], IDEAL, Tau(1, 4, 8), "rademacher", "timestep"),
        pytest.param(
            MODES["weight"], NOISY, Tau(1, 1, 4), "product", "perturbation", marks=pytest.mark.slow
        ),
        pytest.param(
            MODES["node"], NOISY, Tau(1, 1, 4), "rademacher", "perturbation", marks=pytest.mark.slow
        ),
        (by_array(("weight", "node")), IDEAL, Tau(1, 1, 4), "rademacher", "perturbation"),
    ],
)
def test_a_window_at_once_equals_its_timesteps(mode, params, tau, code, broadcast):
    """And a range of half a deviation changes what is learnt."""
    choices = dict(code=CODES[code], broadcast=broadcast)
    (one, told), (other, noted) = (
        after(engine, mode, clipping(params), tau, **choices)
        for engine in (window, window_by_steps)
    )
    for a, b in zip(
        jax.tree.leaves((one.cells, one.clip, told)),
        jax.tree.leaves((other.cells, other.clip, noted)),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=3e-5)
    free, _ = after(window, mode, params, tau, **choices)
    assert np.abs(np.asarray(weights(one)["Dense_0"]["kernel"])
                  - weights(free)["Dense_0"]["kernel"]).max() > 1e-4  # fmt: skip


@pytest.mark.parametrize("engine", [window, window_by_steps])
def test_a_wide_range_is_none(engine):
    wide, free = (
        after(engine, MODES["node"], params, Tau(1, 1, 4))
        for params in (clipping(IDEAL, 1e6), IDEAL)
    )
    jax.tree.map(np.testing.assert_array_equal, wide[0].cells, free[0].cells)
    assert free[0].clip is None


@pytest.mark.parametrize("engine", [window, window_by_steps])
def test_one_reading_moves_a_weight_by_no_more_than_the_range(engine):
    """One perturbation a window asks for η·|ΔC|/Δθ, and |ΔC| ≤ c·σ of the windows before."""
    params, tau = clipping(IDEAL, 0.5, 1e6), Tau(1, 1, 1)
    machine = Machine(Design(NETWORK, step_normalisation="none"), params, tau)
    chip, squares, at_limit = fabricate(machine, root_key(2, 0)), [], 0
    advance = jax.jit(engine)
    for place in range(12):
        before = weights(chip)["Dense_0"]["kernel"]
        chip, record = advance(machine, chip, jnp.int32(place), samples(1, seed=place))
        moved = np.abs(weights(chip)["Dense_0"]["kernel"] - before)
        limit = 0.5 * np.sqrt(np.mean(squares)) if squares else np.inf
        sent = min(float(record.delta_cost), limit)
        at_limit += sent == limit
        np.testing.assert_allclose(moved, 0.3 * sent / 1e-2, rtol=2e-3, atol=1e-6)
        squares.append(float(record.delta_cost) ** 2)
    assert 0 < at_limit < 12


def test_a_mode_that_notes_no_mean_square_is_refused():
    def alone(machine, chip, number, sample):
        return chip, Record(cost=jnp.float32(0), delta_cost=jnp.float32(0))

    mode = MODES["weight"]._replace(window=alone)
    machine = Machine(Design(NETWORK, mode=mode), clipping(IDEAL), Tau(1, 1, 1))
    chip = fabricate(machine, root_key(0, 0))
    with pytest.raises(InputError, match=r"delta_clip: the learning mode notes no mean"):
        window(machine, chip, jnp.int32(0), samples(1, 0))
