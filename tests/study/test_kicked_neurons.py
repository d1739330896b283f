"""Runs that kick neurons: from every side they are one run, counted, priced, resumed or refused."""

import json

import jax
import msgspec
import numpy as np
import pytest

from neuromgd.chip.mode import MODES
from neuromgd.cli.train import main, resumed
from neuromgd.errors import InputError
from neuromgd.fleet.engines import ENGINES
from neuromgd.options.config import ArrayConfig, BusConfig, Config, LearningConfig, SynapseConfig
from neuromgd.options.read import checked, from_file
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import Parts, plan
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train
from neuromgd.timing import Workload, load, time_run
from tests.fleet.bench import Bench

RUN = Config(
    task="parity", ideal=True, chips=2, windows=8, log_every=4, platform="rram_32nm",
    learning=LearningConfig(mode="node"),
)  # fmt: skip


def with_mode(mode, **changes):
    return msgspec.structs.replace(RUN, learning=LearningConfig(mode=mode), **changes)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(msgspec.structs.replace(RUN, out=str(tmp_path_factory.mktemp("runs") / "node")))


@pytest.mark.slow
def test_it_is_counted_and_priced_as_it_happens(run):
    """A window of 4 samples has 4 kicks, each with two readings and a broadcast of its own."""
    summary = run.summary
    assert (summary["steps"], summary["cost_readings"]) == (32, 64)
    alone = Workload(layers=(2, 2, 1), steps=32, tau_update=4, kicked=3)
    report = time_run(load("rram_32nm"), alone, "two_pass")
    assert summary["workload"]["kicked"] == 3
    assert summary["workload"]["tau_perturbation"] == 1
    assert summary["hardware_seconds"] == report.seconds
    assert summary["hardware_joules"] == report.joules


def test_the_clock_sets_a_kick_for_every_neuron():
    """Of all that is done, only setting kicks and turning them on and off is less."""
    wide = dict(layers=(20, 10, 5), steps=100, tau_update=10)
    by_weights, by_neurons = (
        time_run(load("rram_32nm"), Workload(**wide, kicked=count), "two_pass")
        for count in (None, 15)
    )
    assert by_neurons.seconds == by_weights.seconds
    assert Workload(**wide).kicks == 21 * 10 + 11 * 5


def test_a_finished_run_can_be_priced_again(run, capsys):
    from neuromgd.cli.time import main as time

    time(["--run", str(run.folder), "--platform", "rram_32nm", "--json"])
    assert json.loads(capsys.readouterr().out)["seconds"] == run.summary["hardware_seconds"]


def test_the_command_line_and_its_file_are_the_same_run(run, tmp_path):
    out = tmp_path / "cli"
    main([
        "--task", "parity", "--chips", "2", "--windows", "8", "--log-every", "4",
        "--platform", "rram_32nm", "--ideal", "--learning.mode", "np", "--out", str(out),
    ])  # fmt: skip
    told = json.loads((out / "summary.json").read_text())
    assert told["cost"] == run.summary["cost"]
    again = from_file(out / "config.toml")
    assert plan(again).design.mode is MODES["node"]
    assert (again.learning.mode, from_file(run.folder / "config.toml").learning.mode) == (
        "np", "node",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:timesteps are computed one after the other")
def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    out = str(tmp_path / "parts")
    steady = LearningConfig(mode="wp,np", schedule="constant")
    # What is late is carried over the end of a window, and over that of a run.
    base = msgspec.structs.replace(
        RUN, learning=steady, bus=BusConfig(delay=3), platform=None,
        array=ArrayConfig(centre_windows=3),
    )  # fmt: skip
    whole = train(msgspec.structs.replace(base, out=str(tmp_path / "whole")))
    train(msgspec.structs.replace(base, windows=4, out=out))
    more = train(resumed(tmp_path / "parts", Config(windows=8)), is_resumed=True)
    jax.tree.map(np.testing.assert_array_equal, whole.chips.cells, more.chips.cells)
    jax.tree.map(np.testing.assert_array_equal, whole.chips.centre, more.chips.centre)


@pytest.mark.slow
def test_a_sweep_has_the_numbers_of_single_runs(run, tmp_path):
    done = sweep(
        msgspec.structs.replace(RUN, out=str(tmp_path / "swept")),
        ["synapse.node_amplitude=0.05,0.1"],
    )
    costs = np.asarray([row["cost"] for row in done.table]).reshape(2, 2)
    np.testing.assert_allclose(costs[1], run.history[-1].cost_per_chip, rtol=1e-3)
    assert np.abs(costs[0] - costs[1]).max() > 0


@pytest.mark.slow
def test_an_array_has_its_rate_from_every_side(tmp_path):
    out, flags = tmp_path / "cli", ["--task", "parity", "--chips", "2", "--log-every", "4"]
    main([
        *flags, "--windows", "8", "--learning.mode", "wp,np", "--learning.rates", "0.2,0.02",
        "--learning.step-normalisation", "array", "--learning.schedule", "constant",
        "--out", str(out),
    ])  # fmt: skip
    own = from_file(out / "config.toml")
    assert own.learning.rates == "0.2,0.02"
    shorter = msgspec.structs.replace(own, windows=4, out=str(tmp_path / "parts"))
    train(shorter)
    more = train(resumed(tmp_path / "parts", Config(windows=8)), is_resumed=True)
    assert more.summary["cost"] == json.loads((out / "summary.json").read_text())["cost"]
    assert more.summary["effective_learning_rate"] is None
    done = sweep(msgspec.structs.replace(own, out=str(tmp_path / "s")), ["bus.cost_noise=1e-3,0.1"])
    first = np.asarray([row["cost"] for row in done.table]).reshape(2, 2)[0]
    np.testing.assert_allclose(first, more.history[-1].cost_per_chip, rtol=1e-3)
    with pytest.raises(InputError, match=r"learning\.rates.*beside learning\.rate"):
        sweep(msgspec.structs.replace(own, out=None), ["learning.rate=0.1,0.2"])


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (with_mode("nodes"), "read 'nodes'; there are weight, node"),
        (with_mode("wp,analog"), "read 'analog'"),
        (with_mode("np,np,wp"), "3 words, the network has 2 arrays: Dense_0, Dense_1"),
        (with_mode("node", tau_perturbation=4), "give every sample its kick"),
        (with_mode("node", baseline="backprop", platform=None), "learning.mode.*backprop"),
        (
            with_mode("node", synapse=SynapseConfig(perturbation_element="cell")),
            "perturbation_element.*beside an array that kicks its neurons",
        ),
        (
            with_mode("node", synapse=SynapseConfig(amplitude=0.1)),
            "amplitude.*without an array that kicks its weights",
        ),
        (
            with_mode("wp,wp", synapse=SynapseConfig(node_amplitude=0.1)),
            "node_amplitude.*without an array that kicks its neurons",
        ),
    ],
)
def test_what_it_cannot_do_is_refused(config, line):
    with pytest.raises(InputError, match=line):
        plan(checked(config))


def test_a_host_cannot_kick_the_neurons_of_an_instrument():
    bench = Bench()
    config = driven(with_mode("node", platform=None, ideal=True, chips=1), bench)
    with pytest.raises(InputError, match="weights alone"):
        ENGINES["instrument"].open(config, plan(config, Parts(instrument=bench)))


def test_words_that_are_all_alike_are_the_mode_itself():
    assert plan(with_mode("wp,wp")).design.mode is MODES["weight"]
    assert plan(with_mode("np,np")).design.mode is MODES["node"]
    assert plan(with_mode("np,wp")).design.mode is plan(with_mode("node, weight")).design.mode
