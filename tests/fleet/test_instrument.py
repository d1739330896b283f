"""Instruments: what a host does with a chip that is not simulated, against a simulated one."""

import contextlib

import jax
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.cli.main import main
from neuromgd.cli.train import resumed
from neuromgd.errors import InputError
from neuromgd.fleet.engines import open_engine
from neuromgd.fleet.reading import Reading
from neuromgd.options.config import (
    ArrayConfig,
    BusConfig,
    Config,
    LearningConfig,
    SynapseConfig,
)
from neuromgd.options.device import DeviceConfig
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import NO_PARTS, Parts, plan
from neuromgd.study import checkpoint
from neuromgd.study.open import open_run
from neuromgd.study.train import train
from tests.fleet.bench import Bench

IDEAL = Config(
    ideal=True, task="parity", chips=2, windows=6,
    synapse=SynapseConfig(amplitude=0.02), learning=LearningConfig(rate=0.05),
)  # fmt: skip


def changed(config, **changes):
    return msgspec.structs.replace(config, **changes)


def advanced(config, parts=NO_PARTS, windows=6):
    config = driven(config, parts.instrument)
    engine = open_engine(config, plan(config, parts))
    chips = engine.make()
    start = engine.weights(chips)
    chips, record = engine.advance(chips, 0, windows)
    return start, engine.weights(chips), record, engine.score(chips)


@pytest.mark.parametrize("changes", [
    {},
    {"tau_sample": 4, "tau_perturbation": 2, "tau_update": 8, "bus": BusConfig(reference="reuse")},
    {"tau_sample": 2, "tau_perturbation": 1, "tau_update": 4,
     "bus": BusConfig(reference="central", broadcast="timestep", cost_noise=1e-3)},
    {"tau_sample": 1, "tau_perturbation": 2, "tau_update": 4,
     "bus": BusConfig(delay=3, drop_rate=0.2, broadcast_noise=1e-3, delta_bits=6),
     "synapse": SynapseConfig(amplitude=0.02, code="product", storage_flip_rate=0.1)},
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:timesteps are computed")
def test_an_ideal_instrument_learns_as_the_ideal_simulated_chip(changes):
    config = changed(IDEAL, **changes)
    start, simulated, record, score = advanced(config)
    benches = [Bench(), Bench()]
    first, driven_to, told, reached = advanced(config, Parts(instrument=benches))
    jax.tree.map(np.testing.assert_array_equal, first, start)
    np.testing.assert_allclose(told.cost, record.cost, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(told.delta_cost, record.delta_cost, rtol=1e-3, atol=1e-7)
    np.testing.assert_array_equal(reached, score)
    ends = map(jax.tree.leaves, (driven_to, simulated, start))
    for one, other, before in zip(*ends, strict=True):
        learnt = np.abs(np.asarray(other - before)).max()
        assert learnt > 0
        np.testing.assert_allclose(one, other, atol=2e-4 * learnt)


def test_a_host_reads_no_more_than_its_reference_asks():
    """Eight timesteps, two samples of four each: one reading each perturbed, and references."""
    for reference, readings in (("two_pass", 16), ("reuse", 10)):
        bench = Bench()
        config = changed(
            IDEAL, chips=1, tau_sample=4, tau_perturbation=2, tau_update=8,
            bus=BusConfig(reference=reference),
        )  # fmt: skip
        advanced(config, Parts(instrument=bench), windows=1)
        assert bench.shown == readings + 4  # and the four patterns of the test set


@pytest.mark.slow
def test_a_slow_noisy_instrument_learns(tmp_path):
    config = Config(
        task="parity", windows=400, log_every=50, seed=1, out=str(tmp_path),
        synapse=SynapseConfig(amplitude=0.03), learning=LearningConfig(rate=0.1),
    )  # fmt: skip
    run = train(config, parts=Parts(instrument=Bench(noise=1e-2, seconds=1e-4)))
    assert run.summary["method"] == "instrument"
    assert run.summary["chips"] == 1
    assert run.summary["synapses"] == 9
    assert run.summary["cost_readings"] == 2 * 4 * 400
    assert run.summary["accuracy"] == 1
    assert run.history[-1].cost < 0.4 * run.history[0].cost


class StoppedError(Exception):
    pass


@pytest.mark.slow
def test_a_resumed_run_gives_the_numbers_of_one_that_never_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    parts = Parts(instrument=[Bench(), Bench()])
    config = changed(
        IDEAL, windows=9, log_every=3, learning=LearningConfig(rule="momentum"),
        bus=BusConfig(delay=3, delta_bits=8), tau_perturbation=2, tau_update=4,
    )  # fmt: skip

    def stop(row, windows):
        if row.window == 6:
            raise StoppedError

    whole = train(changed(config, out=str(tmp_path / "whole")), parts=parts)
    with pytest.raises(StoppedError):
        train(changed(config, out=str(tmp_path / "parts")), stop, parts)
    with pytest.raises(InputError, match="give the instrument in Python"):
        train(resumed(tmp_path / "parts", Config()), is_resumed=True)
    again = train(resumed(tmp_path / "parts", Config()), parts=parts, is_resumed=True)
    assert again.history == whole.history
    told = open_run(tmp_path / "parts", parts)
    shown = told.plan.data.test_x
    np.testing.assert_array_equal(told.predict(shown), again.predict(shown))
    jax.tree.map(np.testing.assert_array_equal, again.chips.cells, whole.chips.cells)


def test_an_instrument_may_measure_its_cost():
    class Metered(Bench):
        def cost(self, outputs, y):
            return np.full(len(y), 0.25)

    _, _, record, _ = advanced(IDEAL, Parts(instrument=[Metered(), Metered()]))
    np.testing.assert_array_equal(record.cost, 0.25)
    np.testing.assert_array_equal(record.delta_cost, 0)


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"device": DeviceConfig(write_noise=0.1)}, "device.write_noise: only a simulated chip"),
    ({"device": DeviceConfig(update_step=1e-3)}, "device.update_step: only a simulated chip"),
    ({"array": ArrayConfig(adc_bits=8, output_noise=0.1)}, "array.adc_bits, array.output_noise"),
    ({"synapse": SynapseConfig(amplitude_spread=0.1)}, "synapse.amplitude_spread"),
    ({"synapse": SynapseConfig(perturbation_element="cell")}, "synapse.perturbation_element"),
    ({"bus": BusConfig(cost_difference="exact")}, "bus.cost_difference"),
    ({"platform": "pcm_14nm"}, "platform: is about simulated chips"),
    ({"memory": 1.0}, "memory: is about simulated chips"),
    ({"shard_arrays": True, "chips": 1}, "shard_arrays"),
    ({"engine": "step"}, "option engine = 'step': simulates chips"),
    ({"baseline": "backprop"}, "option engine = 'backprop': simulates chips"),
    ({"chips": 3}, "option chips = 3: 1 instruments are given"),
])  # fmt: skip
def test_what_only_a_simulated_chip_has_is_refused_in_one_line(changes, complaint, tmp_path):
    config = changed(Config(task="parity", windows=2, out=str(tmp_path / "run")), **changes)
    with pytest.raises(InputError, match=complaint) as told:
        train(config, parts=Parts(instrument=Bench()))
    assert "\n" not in str(told.value)
    assert not (tmp_path / "run").exists()


def test_a_command_has_no_instrument(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["neuromgd", "train", "--engine", "instrument"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert "give the instrument in Python" in capsys.readouterr().err


def test_what_is_no_instrument_is_refused():
    with pytest.raises(InputError, match="instrument int: has no set_weights and no forward"):
        train(Config(task="parity"), parts=Parts(instrument=3))
    with pytest.raises(InputError, match="at least one"):
        train(Config(task="parity"), parts=Parts(instrument=[]))


numbers = st.floats(width=32) | st.integers(-10, 10) | st.none() | st.text(max_size=3)
anything = st.recursive(numbers, lambda some: st.lists(some, max_size=4))


@given(anything)
def test_whatever_an_instrument_gives_is_numbers_of_the_right_shape_or_refused(given_back):
    class Odd(Bench):
        def forward(self, x):
            return given_back

        def cost(self, outputs, y):
            return given_back

    x, y = np.zeros((3, 2), np.float32), np.zeros(3)
    reading = Reading(Odd(), lambda output, y: output[0], (1,))
    with contextlib.suppress(InputError):
        assert reading.outputs(x).shape == (3, 1)
    measured = Odd()
    measured.forward = lambda x: np.zeros((3, 1))
    with contextlib.suppress(InputError):
        assert Reading(measured, lambda output, y: output[0], (1,)).costs({}, x, y).shape == (3,)


def test_a_refused_answer_tells_what_was_wanted():
    class Wide(Bench):
        def forward(self, x):
            return np.zeros((len(x), 2))

    reading = Reading(Wide(), lambda output, y: output[0], (1,))
    with pytest.raises(InputError, match=r"Wide: forward gave an array of \(3, 2\), .* \(3, 1\)"):
        reading.outputs(np.zeros((3, 2), np.float32))
