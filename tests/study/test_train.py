"""A run from its configuration to its folder."""

import json
import tomllib

import jax.numpy as jnp
import msgspec
import numpy as np
import optax
import pyarrow.parquet as pq
import pytest
from flax import linen as nn

from neuromgd.cli.train import resumed
from neuromgd.data.dataset import Dataset
from neuromgd.errors import DivergedError, InputError, RoundingWarning, StoppedChipWarning
from neuromgd.fleet.engines.simulated import Simulated
from neuromgd.options.config import Config, LearningConfig, SynapseConfig
from neuromgd.options.read import base, from_file
from neuromgd.plan.plan import Parts
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.train import train

# What the design promises of every summary, whatever else it holds.
PROMISED = {
    *("task", "accuracy", "accuracy_std", "accuracy_per_chip", "cost", "steps", "windows"),
    *("sample_presentations", "cost_readings", "weight_writes", "hardware_seconds"),
    *("hardware_joules", "wall_seconds", "seed", "chips", "device", "platform", "versions"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = str(tmp_path_factory.mktemp("runs") / "one")
    return train(Config(task="parity", chips=2, windows=40, log_every=10, out=out))


def test_the_summary_holds_what_is_promised(run):
    summary = json.loads((run.folder / "summary.json").read_text())
    assert set(summary) >= PROMISED
    assert summary == msgspec.json.decode(msgspec.json.encode(run.summary))
    assert summary["steps"] == 160
    assert summary["sample_presentations"] == 160
    assert summary["cost_readings"] == 320
    assert len(summary["accuracy_per_chip"]) == 2
    assert summary["accuracy"] == pytest.approx(np.mean(summary["accuracy_per_chip"]))
    assert 0 < summary["writes_per_synapse"] <= 40


def test_the_history_has_a_row_a_logged_window(run):
    table = pq.read_table(run.folder / "history.parquet").to_pydict()
    assert table["window"] == [10, 20, 30, 40]
    assert table["step"] == [40, 80, 120, 160]
    assert np.shape(table["accuracy_per_chip"]) == (4, 2)
    assert np.mean(table["cost_per_chip"][-1]) == pytest.approx(table["cost"][-1])


def test_the_written_configuration_runs_again_as_it_is(run):
    again = from_file(run.folder / "config.toml")
    resolved = tomllib.loads((run.folder / "config.toml").read_text())
    assert not resolved["ideal"], "a chip with noise is not ideal"
    assert "out" not in resolved
    assert again.bus.cost_noise == Config().bus.cost_noise
    repeated = train(msgspec.structs.replace(again, out=str(run.folder.parent / "two")))
    assert repeated.summary["accuracy_per_chip"] == run.summary["accuracy_per_chip"]
    assert repeated.summary["cost"] == run.summary["cost"]


def test_a_diverging_run_says_what_blew_up_and_keeps_what_it_wrote(tmp_path):
    wild = msgspec.structs.replace(
        base(True), task="digits", chips=1, windows=60, log_every=1, out=str(tmp_path),
        learning=LearningConfig(rate=3e7, schedule="constant"),
    )  # fmt: skip
    with pytest.raises(DivergedError, match=r"chip 0 is stopped: .*(weight|cost).* in window"):
        train(wild)
    assert (tmp_path / "config.toml").exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"option out = .* cannot be written"):
        train(Config(task="parity", windows=1, out=str(tmp_path / "file" / "run")))


def test_backpropagation_trains_the_same_network(tmp_path):
    config = msgspec.structs.replace(
        base(True), chips=2, windows=600, baseline="backprop", out=str(tmp_path),
        learning=LearningConfig(rate=0.1),
    )  # fmt: skip
    run = train(config)
    assert run.summary["method"] == "backprop"
    assert run.summary["accuracy"] > 0.9


@pytest.mark.slow
def test_a_signal_of_rounding_is_told_once(tmp_path):
    config = msgspec.structs.replace(
        base(True), chips=1, windows=20, log_every=10, out=str(tmp_path),
        synapse=SynapseConfig(amplitude=1e-7, amplitude_spread=None),
    )  # fmt: skip
    with pytest.warns(RoundingWarning, match="grains of float32 rounding") as told:
        train(config)
    assert len(told) == 1


@pytest.mark.slow
def test_a_user_brings_network_cost_rule_and_data(tmp_path):
    class Wide(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(2)(nn.Conv(3, (2,))(x[..., None]).reshape(len(x), -1))

    generator = np.random.default_rng(0)
    x = generator.normal(size=(64, 5)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int32)
    parts = Parts(
        data=Dataset("own", x, y, x, y, scale=1.0, classes=2, outputs=2),
        network=Wide(),
        cost=lambda output, target: jnp.mean(jnp.square(output - jnp.eye(2)[target])),
        rule=lambda rate: optax.sgd(rate, momentum=0.5, nesterov=True),
    )
    config = msgspec.structs.replace(
        base(True), chips=2, windows=1500, batch=16, out=str(tmp_path),
        learning=LearningConfig(rate=0.02),
    )  # fmt: skip
    assert train(config, parts=parts).summary["accuracy"] > 0.85


@pytest.mark.slow
def test_a_chip_that_blows_up_stops_alone(tmp_path, monkeypatch):
    def advance(self, chips, first, last, own=Simulated.advance):
        chips, record = own(self, chips, first, last)
        cost, delta = np.array(record.cost), np.array(record.delta_cost)
        if first <= 33 < last:
            cost[33 - first :, 1] = np.nan
            delta[34 - first :, 3] = np.inf
        return chips, record.replace(cost=cost, delta_cost=delta)

    config = Config(task="parity", chips=4, windows=200, log_every=50)
    whole = train(msgspec.structs.replace(config, out=str(tmp_path / "whole")))
    monkeypatch.setattr(Simulated, "advance", advance)
    monkeypatch.setattr(Checkpoints, "is_due", lambda self: True)
    out = tmp_path / "run"

    def stop(row, windows):
        if row.window == 100:
            raise KeyboardInterrupt

    with (
        pytest.warns(
            StoppedChipWarning, match=r"chip 1 .* cost C is not finite in window 33.*rate"
        ),
        pytest.warns(StoppedChipWarning, match=r"chip 3 .* ΔC is not finite in window 34.*meter"),
        pytest.raises(KeyboardInterrupt),
    ):
        train(msgspec.structs.replace(config, out=str(out)), stop)
    run = train(resumed(out, Config()), is_resumed=True)
    assert [(one["chip"], one["window"]) for one in run.summary["stopped"]] == [(1, 33), (3, 34)]
    told, expected = run.summary["accuracy_per_chip"], whole.summary["accuracy_per_chip"]
    assert told == [expected[0], None, expected[2], None]
    assert run.summary["accuracy"] == np.mean([expected[0], expected[2]])
    assert run.summary["cost"] == pytest.approx(
        np.mean(np.asarray(whole.history[-1].cost_per_chip)[[0, 2]])
    )
