"""Runs in continuous time: one run from every side, counted, priced, resumed or refused."""

import json

import jax
import msgspec
import numpy as np
import pytest

from neuromgd.chip.mode import MODES
from neuromgd.cli.train import main, resumed
from neuromgd.errors import InputError
from neuromgd.fleet.engines import ENGINES
from neuromgd.options.config import (
    ArrayConfig,
    BusConfig,
    Config,
    LearningConfig,
    NetworkConfig,
    SynapseConfig,
)
from neuromgd.options.read import checked, from_file
from neuromgd.options.transfer import TransferConfig
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import Parts, plan
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train
from neuromgd.timing import Schedule, Workload, load, time_run
from tests.fleet.bench import Bench

ANALOG = LearningConfig(mode="analog")
RUN = Config(
    task="parity", chips=2, windows=8, log_every=4, platform="rram_32nm", learning=ANALOG,
    tau_sample=4, tau_perturbation=2, tau_update=8, ideal=True,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:timesteps are computed one after the other")


def changed(**changes):
    return msgspec.structs.replace(RUN, **changes)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(changed(out=str(tmp_path_factory.mktemp("runs") / "analog")))


def test_it_is_counted_and_priced_as_it_happens(run, capsys):
    """One pass, one broadcast and one write a timestep, and no C0."""
    summary = run.summary
    assert (summary["steps"], summary["cost_readings"], summary["broadcasts"]) == (64, 64, 64)
    told = summary["workload"]
    assert (told["schedule"], told["tau_update"], told["tau_perturbation"]) == ("analog", 1, 2)
    alone = Workload(
        layers=(2, 2, 1), steps=64, tau_sample=4, tau_perturbation=2, tau_update=1,
        broadcast="timestep",
    )  # fmt: skip
    report = time_run(load("rram_32nm"), alone, "analog")
    assert summary["hardware_seconds"] == report.seconds
    assert summary["hardware_joules"] == report.joules
    from neuromgd.cli.time import main as time

    time(["--run", str(run.folder), "--platform", "rram_32nm", "--json"])
    assert json.loads(capsys.readouterr().out)["seconds"] == report.seconds
    with pytest.raises(InputError, match="allowed with schedule 'two_pass' is a multiple of tau_p"):
        time_run(load("rram_32nm"), alone, Schedule("two_pass"))


@pytest.mark.slow
def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    """The filters of meter and synapses are kept, and what is on its way to them."""
    steady = LearningConfig(mode="analog", schedule="constant")
    base = changed(learning=steady, bus=BusConfig(delay=3), ideal=False, platform=None)
    whole = train(msgspec.structs.replace(base, out=str(tmp_path / "whole")))
    train(msgspec.structs.replace(base, windows=4, out=str(tmp_path / "parts")))
    more = train(resumed(tmp_path / "parts", Config(windows=8)), is_resumed=True)
    for part in ("cells", "meter", "synapse"):
        one, other = (getattr(run.chips, part) for run in (whole, more))
        jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.slow
def test_the_command_line_and_a_sweep_are_the_same_run(run, tmp_path):
    out = tmp_path / "cli"
    main([
        "--task", "parity", "--chips", "2", "--windows", "8", "--log-every", "4", "--ideal",
        "--platform", "rram_32nm", "--learning.mode", "analog", "--tau-sample", "4",
        "--tau-perturbation", "2", "--tau-update", "8", "--bus.high-pass", "4", "--out", str(out),
    ])  # fmt: skip
    assert json.loads((out / "summary.json").read_text())["cost"] == run.summary["cost"]
    again = from_file(out / "config.toml")
    assert plan(again).design.mode is MODES["analog"]
    done = sweep(changed(out=str(tmp_path / "swept")), ["bus.high_pass=1,4"])
    costs = np.asarray([row["cost"] for row in done.table]).reshape(2, 2)
    np.testing.assert_allclose(costs[1], run.history[-1].cost_per_chip, rtol=1e-3)
    assert np.abs(costs[0] - costs[1]).max() > 0


def test_a_window_is_so_many_samples_where_nobody_says():
    tau = plan(msgspec.structs.replace(Config(task="parity", batch=3), learning=ANALOG)).tau
    assert (tau.sample, tau.perturbation, tau.update) == (8, 1, 24)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (changed(tau_sample=2), "tau_sample = 2: in continuous time the step of a new sample"),
        (changed(bus=BusConfig(reference="reuse")), "bus.reference.*beside continuous time"),
        (changed(bus=BusConfig(cost_difference="exact")), "cost_difference.*beside continuous"),
        (changed(bus=BusConfig(pass_order="block")), "pass_order.*beside continuous time"),
        (
            changed(learning=LearningConfig(), bus=BusConfig(high_pass=2.0)),
            "bus.high_pass.*without continuous time",
        ),
        (changed(array=ArrayConfig(centre_windows=3)), "centre_windows.*kicks its neurons"),
        (changed(baseline="backprop", platform=None), "learning.mode.*backprop"),
        (changed(transfer=TransferConfig(every=2)), "schedule 'analog' knows one cell"),
    ],
)
def test_what_it_cannot_do_is_refused(config, line):
    with pytest.raises(InputError, match=line):
        plan(checked(config))


def test_a_mode_of_the_library_is_held_to_the_same():
    config = changed(learning=LearningConfig(), platform=None)
    parts = Parts(mode=MODES["analog"])
    assert float(plan(config, parts).params.bus.high_pass) == 4
    for bus, line in ((BusConfig(high_pass=2.0), None), (BusConfig(reference="reuse"), "beside")):
        one = msgspec.structs.replace(config, bus=bus)
        if line is None:
            assert float(plan(one, parts).params.bus.high_pass) == 2
        else:
            with pytest.raises(InputError, match=line):
                plan(one, parts)


def test_gates_of_weights_have_a_continuous_mode_of_their_own():
    network = NetworkConfig(activation="relu")
    gated = plan(changed(network=network, synapse=SynapseConfig(gate="pre"))).design.mode
    assert gated.is_continuous
    assert gated is not MODES["analog"]
    assert (
        gated is plan(changed(network=network, synapse=SynapseConfig(gate="pre,post"))).design.mode
    )


def test_a_host_cannot_move_the_weights_of_an_instrument_at_every_timestep():
    bench = Bench()
    config = driven(changed(platform=None, chips=1), bench)
    with pytest.raises(InputError, match="weights alone"):
        ENGINES["instrument"].open(config, plan(config, Parts(instrument=bench)))
