"""A run from its configuration to its folder."""

import json
import tomllib

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from neuromgd.errors import DivergedError, InputError
from neuromgd.study.config import Config, LearningConfig
from neuromgd.study.configure import base, from_file
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
    return train(Config(task="parity", chips=4, windows=200, log_every=50, out=out))


def test_the_summary_holds_what_is_promised(run):
    summary = json.loads((run.folder / "summary.json").read_text())
    assert set(summary) >= PROMISED
    assert summary == msgspec.json.decode(msgspec.json.encode(run.summary))
    assert summary["steps"] == 800
    assert summary["sample_presentations"] == 800
    assert summary["cost_readings"] == 1600
    assert len(summary["accuracy_per_chip"]) == 4
    assert summary["accuracy"] == pytest.approx(np.mean(summary["accuracy_per_chip"]))
    assert 0 < summary["writes_per_synapse"] <= 200


def test_the_history_has_a_row_a_logged_window(run):
    table = pq.read_table(run.folder / "history.parquet").to_pydict()
    assert table["window"] == [50, 100, 150, 200]
    assert table["step"] == [200, 400, 600, 800]
    assert np.shape(table["accuracy_per_chip"]) == (4, 4)
    assert np.mean(table["cost_per_chip"][-1]) == pytest.approx(table["cost"][-1])


def test_the_written_configuration_runs_again_as_it_is(run):
    again = from_file(run.folder / "config.toml")
    resolved = tomllib.loads((run.folder / "config.toml").read_text())
    assert resolved["ideal"], "absence must mean absence"
    assert again.bus.cost_noise == Config().bus.cost_noise
    repeated = train(msgspec.structs.replace(again, out=str(run.folder.parent / "two")))
    assert repeated.summary["accuracy_per_chip"] == run.summary["accuracy_per_chip"]
    assert repeated.summary["cost"] == run.summary["cost"]


def test_there_is_a_figure(run):
    assert (run.folder / "figures" / "history.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_diverging_run_says_what_blew_up_and_keeps_what_it_wrote(tmp_path):
    wild = msgspec.structs.replace(
        base(True), task="digits", chips=1, windows=60, log_every=1, out=str(tmp_path),
        learning=LearningConfig(rate=3e7, schedule="constant"),
    )  # fmt: skip
    with pytest.raises(DivergedError, match=r"(weights|cost).* blew up before window \d+"):
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
