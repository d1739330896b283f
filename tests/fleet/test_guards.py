"""Chips whose numbers cannot be gone on with are seen in the compiled loop, each alone."""

from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.chip import guard
from neuromgd.chip.record import Record
from neuromgd.errors import DivergedError
from neuromgd.fleet.engines import open_engine
from neuromgd.options.config import LearningConfig, SynapseConfig
from neuromgd.options.read import base, checked
from neuromgd.plan.plan import plan
from neuromgd.study.train import train
from neuromgd.verdict.stopped import PATIENCE, Limits, first_limits, newly_stopped

CHIPS = 4
# Sums of products of 3 bits: ends at ±3, and codes that round what is small to nothing.
CONFIG = msgspec.structs.replace(
    base(True), task="parity", chips=CHIPS, windows=200, log_every=200,
    learning=LearningConfig(schedule="constant"),
    synapse=SynapseConfig(
        accumulator_bits=3, accumulator_range=1e-6, accumulator_rounding="nearest"
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def run():
    todo = plan(checked(CONFIG))
    return open_engine(CONFIG, todo), todo


def spoilt(chips, number, value):
    """Returns chips with one weight of one of them changed, in the last array of weights."""
    leaves, structure = jax.tree.flatten(chips.cells)
    # Of a cell, weights are floats, and writes are counted.
    place = max(i for i, leaf in enumerate(leaves) if leaf.dtype == jnp.float32 and leaf.ndim == 3)
    leaves[place] = leaves[place].at[number, 0, 0].set(value)
    return chips.replace(cells=jax.tree.unflatten(structure, leaves))


def stop(run, chips, record, limits):
    return newly_stopped(run[0], run[1].data, chips, record, 0, limits, ())


def test_a_weight_that_is_no_number_stops_its_chip_alone_in_its_window(run):
    engine, _ = run
    limits = first_limits(engine, engine.make())
    sound, expected = engine.advance(engine.make(), 0, 20)
    chips, record = engine.advance(spoilt(engine.make(), 1, np.inf), 0, 20)
    others = [0, 2, 3]
    np.testing.assert_array_equal(record.cost[:, others], expected.cost[:, others])
    same = lambda one, other: np.testing.assert_array_equal(
        one[jnp.array(others)], other[jnp.array(others)]
    )
    jax.tree.map(same, engine.weights(chips), engine.weights(sound))
    # The outputs are bounded, and so is the cost: the weight alone tells.
    record = record.replace(cost=expected.cost, delta_cost=expected.delta_cost)
    limits = limits._replace(cost=1e3)
    _, (one,) = stop(run, chips, record, limits)
    assert (one.chip, one.window) == (1, guard.EVERY - 1)
    assert "kernel" in one.what
    assert "not finite" in one.what
    assert stop(run, sound, expected, limits)[1] == ()


def test_accumulators_at_their_ends_are_seen_and_told_after_some_looks(run):
    engine, _ = run
    limits = first_limits(engine, engine.make())._replace(cost=1e3)
    chips, record = engine.advance(engine.make(), 0, 200)
    looks = guard.is_looked_at(np.arange(200))
    assert set(record.filling[looks].ravel()) == {guard.PINNED}
    assert not record.filling[~looks][:-1].any()
    _, found = stop(run, chips, record, limits)
    assert [one.chip for one in found] == list(range(CHIPS))
    assert {one.window for one in found} == {PATIENCE * guard.EVERY - 1}
    assert "at full scale" in found[0].what
    assert "synapse.accumulator_range is too small" in found[0].cause


def test_a_run_with_no_chip_left_says_so_and_not_the_rate(tmp_path):
    coarse = msgspec.structs.replace(
        CONFIG, out=str(tmp_path),
        synapse=msgspec.structs.replace(CONFIG.synapse, accumulator_range=1e9),
    )  # fmt: skip
    with pytest.raises(DivergedError, match=r"sum of products is zero .*accumulator_bits over"):
        train(coarse)


ARRAYS = [np.array([[3.0, -3.0]]), np.array([3.0])]


@pytest.mark.parametrize(
    ("limit", "top", "rounding", "arrays", "expected"),
    [
        (3.0, 3.0, "nearest", ARRAYS, guard.PINNED),
        (3.0, None, "stochastic", ARRAYS, guard.PINNED),
        (3.0, 1.0, "nearest", ARRAYS, guard.SOUND),
        (3.1, 3.0, "nearest", ARRAYS, guard.SOUND),
        (3.0, 3.0, "nearest", [0 * ARRAYS[0], ARRAYS[1]], guard.SOUND),
        (3.0, 3.0, "nearest", [0 * ARRAYS[0], 0 * ARRAYS[1]], guard.COARSE),
        (3.0, 3.0, "stochastic", [0 * ARRAYS[0], 0 * ARRAYS[1]], guard.SOUND),
        (None, None, "nearest", ARRAYS, guard.SOUND),
    ],
)
def test_how_full_accumulators_are(limit, top, rounding, arrays, expected):
    full, code = (None if one is None else jnp.float32(one) for one in (limit, top))
    sums = [jnp.float32(one) for one in arrays]
    assert guard.filling(full, code, rounding, sums) == expected


def test_the_heaviest_weight_and_its_array_nan_before_all():
    weight, array = guard.heaviest([jnp.ones(2), jnp.array([-3.0, 1.0])])
    assert (float(weight), int(array)) == (3, 1)
    weight, array = guard.heaviest([jnp.array([jnp.nan]), jnp.array([jnp.inf])])
    assert np.isnan(weight)
    assert int(array) == 0


def record(cost, weight, filling, delta=1e-3):
    given: Any = np.float32(cost), np.float32(weight), np.int32(filling)
    cost, weight, filling = (np.broadcast_to(one, (len(weight), 1)) for one in given)
    noted: Any = {"cost": cost, "delta_cost": np.full_like(cost, delta), "weight": weight}
    return Record(**noted, array=0 * filling, filling=filling)


def limits():
    none = np.zeros(1, np.int64)
    return Limits(1e3, 10.0, none, none, none)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=400),
       st.integers(1, 399))  # fmt: skip
def test_runs_of_looks_are_the_same_in_any_pieces(flags, cut):
    is_heavy, is_worse, is_full = np.array(flags * (-(-400 // len(flags))))[:400].T
    of = lambda part: record(
        np.where(is_worse, 2, 0.4)[part, None], np.where(is_heavy, 11, 9)[part, None],
        is_full[part, None],
    )  # fmt: skip
    whole, heavy, full = limits().and_then(of(slice(None)), 0)
    first, heavy_1, full_1 = limits().and_then(of(slice(cut)), 0)
    second, heavy_2, full_2 = first.and_then(of(slice(cut, None)), cut)
    np.testing.assert_array_equal(np.concatenate([heavy_1, heavy_2]), heavy)
    np.testing.assert_array_equal(np.concatenate([full_1, full_2]), full)
    for one, other in zip(second, whole, strict=True):
        np.testing.assert_array_equal(one, other)
    # Counted one by one.
    run = worse = held = 0
    for window in range(400):
        if guard.is_looked_at(window):
            run, worse = (run + 1, worse + is_worse[window]) if is_heavy[window] else (0, 0)
            held = held + 1 if is_full[window] else 0
            assert heavy[window, 0] == (run >= PATIENCE and 2 * worse >= run)
            assert full[window, 0] == (held >= PATIENCE)


@pytest.mark.parametrize(
    ("changes", "what", "cause"),
    [
        ({"cost": np.nan}, "cost C is not finite", "first weights"),
        ({"delta": np.inf}, "ΔC is not finite", "meter"),
        ({"cost": 2e3}, "cost C is 2e", "rate"),
        ({"weight": 11}, "and the cost none the better", "rate"),
        ({"weight": 11, "delta": 5.0}, "and the cost none the better", "meter"),
        ({"filling": guard.PINNED}, "sum of products is at full scale", "accumulator_range"),
        ({"filling": guard.OF_RESIDUE + guard.COARSE}, "residue is zero", "residue_bits"),
    ],
)
def test_the_likely_cause_is_not_always_the_rate(run, changes, what, cause):
    usual = {"cost": 2.0, "weight": 1.0, "filling": 0, "delta": 1e-3} | changes
    told = record(
        usual["cost"], np.full((200, 1), usual["weight"]), usual["filling"], usual["delta"]
    )
    _, (one,) = stop(run, run[0].make(), told, limits())
    assert what in one.what
    assert cause in one.cause
    spoilt = run[1].data.train_x.astype(np.float32) * np.nan
    data = run[1].data.__class__(**{**run[1].data.__dict__, "train_x": spoilt})
    if np.isnan(usual["cost"]):
        _, (one,) = newly_stopped(run[0], data, run[0].make(), told, 9, limits(), ())
        assert (one.window, one.cause.partition(",")[0]) == (9, "the data")


def test_what_learns_with_heavy_weights_goes_on(run):
    told = record(0.4, np.full((400, 1), 11), 0)
    assert stop(run, run[0].make(), told, limits())[1] == ()


@pytest.mark.filterwarnings("ignore::neuromgd.errors.RoundingWarning")
def test_a_bounded_cost_runs_away_by_its_weights(tmp_path):
    wild = msgspec.structs.replace(
        CONFIG, out=str(tmp_path), learning=LearningConfig(rate=1e13, schedule="constant")
    )
    with pytest.raises(DivergedError, match=r"weight θ of .* cost none the better .* rate"):
        train(wild)
