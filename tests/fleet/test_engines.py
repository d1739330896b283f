"""What a host may ask of any engine: the same answers whatever the chips are."""

import jax
import msgspec
import numpy as np
import pytest

from neuromgd import names
from neuromgd.chip.chip import weights
from neuromgd.errors import InputError
from neuromgd.fleet.engine import Engine
from neuromgd.fleet.engines import ENGINES, open_engine
from neuromgd.fleet.simulated import advance
from neuromgd.options.config import Config
from neuromgd.options.device import IDEAL_CELL
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import NO_PARTS, Parts, plan
from neuromgd.study.sweep import sweep
from tests.fleet.bench import Bench

PARITY = Config(task="parity", chips=3, windows=6, log_every=4)


def parts_for(name):
    return Parts(instrument=[Bench() for _ in range(3)]) if name == "instrument" else NO_PARTS


def opened(name, **changes):
    parts = parts_for(name)
    config = driven(msgspec.structs.replace(PARITY, engine=name, **changes), parts.instrument)
    return open_engine(config, plan(config, parts))


@pytest.fixture(scope="module", params=list(names.ENGINES))
def engine(request):
    return opened(request.param)


def same(one, other):
    jax.tree.map(np.testing.assert_array_equal, one, other)


def test_an_engine_keeps_its_interface(engine):
    assert isinstance(engine, Engine)
    assert engine.members == 3
    chips, record = engine.advance(engine.make(), 0, 4)
    for told in (record.cost, record.delta_cost):
        assert isinstance(told, np.ndarray)
        assert told.shape == (4, 3)
    score = engine.score(chips)
    assert score.shape == (3,)
    assert np.all((score >= 0) & (score <= 1))
    # Two layers of the parity task: 2 → 2 → 1 with biases.
    assert sorted(leaf.shape for leaf in jax.tree.leaves(engine.weights(chips))) == [
        (3, 1), (3, 2), (3, 2, 1), (3, 2, 2)
    ]  # fmt: skip
    assert engine.observed(chips).synapses == 9
    same(engine.weights(engine.finished(chips)), engine.weights(chips))


def test_products_are_of_full_floats_on_any_device():
    # The program that the other tests run, whose trace is there.
    engine = opened("window")
    lowered = advance.lower(
        *(engine.plan.design, engine.plan.tau, "window", 4, engine.plan.params, engine.make()),
        *(np.int32(0), np.int32(4), *engine._samples, engine.plan.varies, engine.where),
    )
    products = [line for line in lowered.as_text().splitlines() if "dot_general" in line]
    assert products
    assert all("precision = [HIGHEST, HIGHEST]" in line for line in products)


def test_windows_are_the_same_in_any_pieces(engine):
    whole, record = engine.advance(engine.make(), 0, 6)
    chips, first = engine.advance(engine.make(), 0, 1)
    chips, then = engine.advance(chips, 1, 6)
    same(engine.weights(chips), engine.weights(whole))
    same(np.concatenate([first.cost, then.cost]), record.cost)


def test_saved_chips_go_on_as_the_others(engine):
    chips, _ = engine.advance(engine.make(), 0, 3)
    saved = engine.save(chips)
    shapes = engine.shapes()
    assert jax.tree.structure(saved) == jax.tree.structure(shapes)
    for leaf, shape in zip(jax.tree.leaves(saved), jax.tree.leaves(shapes), strict=True):
        assert (leaf.shape, leaf.dtype) == (shape.shape, shape.dtype)
    after, record = engine.advance(chips, 3, 6)
    again, repeated = engine.advance(engine.restore(saved), 3, 6)
    same(engine.weights(again), engine.weights(after))
    same(repeated.cost, record.cost)


@pytest.mark.parametrize("name", [n for n, member in ENGINES.items() if not member.is_swept])
def test_who_has_one_technology_is_not_swept(name, tmp_path):
    config = msgspec.structs.replace(PARITY, engine=name, out=str(tmp_path / "run"))
    with pytest.raises(InputError, match=f"option engine = '{name}': a sweep trains simulated"):
        sweep(config, ["bus.cost_noise=0,1"], parts=parts_for(name))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_every_chip_of_pairs_has_weights_of_its_own():
    """A pair has an axis of its own before that of the array: chips must not be told for it."""
    cell = msgspec.structs.replace(IDEAL_CELL, weight_min=0.0, weight_max=2.0)
    pairs = opened("window", device=cell)
    chips = pairs.make()
    theta = pairs.weights(chips)
    assert pairs.observed(chips).synapses == 9
    for chip in range(3):
        alone = weights(jax.tree.map(lambda leaf, chip=chip: leaf[chip], chips))
        same(jax.tree.map(lambda leaf, chip=chip: leaf[chip], theta), alone)
