"""Finished runs: told, listed, compared, asked again, and their weights handed out."""

import json

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load_file

from neuromgd.cli.report import main as report
from neuromgd.cli.runs import main as runs
from neuromgd.errors import InputError
from neuromgd.options.command import differences
from neuromgd.options.config import Config, LearningConfig, NetworkConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.read import as_given, checked, write_config
from neuromgd.plots.page.page import page
from neuromgd.study import evaluate as asking
from neuromgd.study.evaluate import evaluate
from neuromgd.study.export import network_weights
from neuromgd.study.findings import findings
from neuromgd.study.listing import listed
from neuromgd.study.open import open_run
from neuromgd.study.train import train

LEAK = 1e3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of two ideal chips that ended; their charge leaks, in a thousand seconds."""
    path = tmp_path_factory.mktemp("runs") / "ended"
    config = Config(
        task="parity", ideal=True, chips=2, windows=40, out=str(path),
        network=NetworkConfig(activation="tanh", output_activation="linear", weight_scale=2.0),
        device=DeviceConfig(leak_time=LEAK, seconds_per_timestep=1e-9),
    )  # fmt: skip
    train(checked(config))
    return path


@pytest.fixture(scope="module")
def run(folder):
    return open_run(folder)


def test_a_folder_is_told_from_the_command_line(folder, capsys):
    report([str(folder), "--no-estimates"])
    text = (folder / "report.html").read_text()
    assert "neuromgd train --task parity --chips 2 --ideal --windows 40" in text
    for heading in ("How it learnt", "What chips tell", "What chips hold and hear"):
        assert heading in text
    assert "What could not be told" not in text
    report([str(folder), "--no-estimates"])  # a report may be written anew
    capsys.readouterr()


def test_what_is_missing_is_told_and_the_rest_stands(folder, tmp_path):
    left = tmp_path / "interrupted"
    left.mkdir()
    for name in ("config.toml", "history.parquet"):
        (left / name).write_bytes((folder / name).read_bytes())
    half = findings(left)
    assert half.state == "not finished"
    with pytest.raises(InputError, match=r"has not finished; it goes on with .* --resume"):
        open_run(left)
    assert len(half.rows) == len(findings(folder, with_estimates=False).rows)
    assert "not finished" in page([half], "1")
    (left / "history.parquet").write_bytes(b"PAR1")
    assert any("the history: " in one for one in findings(left).absent)
    (left / "summary.json").write_bytes((folder / "summary.json").read_bytes())
    lost = findings(left)
    assert lost.summary == json.loads((folder / "summary.json").read_text())
    assert any("what its chips answer: " in one for one in lost.absent)
    assert "could not be told" in page([lost], "1")


def test_weights_leave_as_the_network_takes_them(run, folder, tmp_path):
    runs(["export", str(folder), str(tmp_path / "w.npz")])
    runs(["export", str(folder), str(tmp_path / "w.safetensors")])
    weights = dict(np.load(tmp_path / "w.npz"))
    other = load_file(tmp_path / "w.safetensors")
    assert {name: one.tolist() for name, one in weights.items()} == {
        name: one.tolist() for name, one in other.items()
    }
    x = run.plan.data.test_x.astype(np.float32)
    for chip, outputs in enumerate(run.predict(x)):
        k0, b0, k1, b1 = (weights[f"Dense_{n}/{part}"][chip] for n in (0, 1)
                          for part in ("kernel", "bias"))  # fmt: skip
        np.testing.assert_allclose(outputs, np.tanh(x @ k0 + b0) @ k1 + b1, rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="allowed endings"):
        runs(["export", str(folder), str(tmp_path / "w.txt")])


def test_chips_that_are_asked_again_answer_the_same(run):
    found = evaluate(run)
    assert found.changed == {}
    assert found.after.tolist() == found.before.tolist() == run.summary["accuracy_per_chip"]


def test_a_half_life_leaves_half_of_a_weight(run, monkeypatch):
    seen = {}
    kept = type(run.engine).score
    monkeypatch.setattr(type(run.engine), "score", lambda engine, chips, window: (
        seen.update(weights=engine.weights(chips)), kept(engine, chips, window))[1])  # fmt: skip
    evaluate(run, seconds=LEAK * np.log(2))
    before = network_weights(run)
    for name, part in (("kernel", "Dense_0/kernel"), ("bias", "Dense_1/bias")):
        after = np.asarray(seen["weights"][part.split("/")[0]][name])
        np.testing.assert_allclose(after, before[part] / 2 / 2, rtol=1e-5)  # of 2 a weight unit
    narrow = msgspec.structs.replace(run.config, device=DeviceConfig(
        leak_time=LEAK, seconds_per_timestep=1e-9, weight_min=-0.1, weight_max=0.1))  # fmt: skip
    found = evaluate(run, narrow)
    assert found.changed["device.weight_max"] == [None, 0.1]
    after = np.asarray(seen["weights"]["Dense_0"]["kernel"])
    np.testing.assert_array_equal(after, np.clip(before["Dense_0/kernel"] / 2, -0.1, 0.1))


def test_asking_again_is_told_and_refused_in_a_line(run, folder, capsys):
    runs(["evaluate", str(folder), "--after", "10", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["before_per_chip"] == run.summary["accuracy_per_chip"]
    assert told["seconds"] == 10
    with pytest.raises(InputError, match="nothing is trained or written"):
        runs(["evaluate", str(folder), "--out", "x"])
    with pytest.raises(InputError, match="finite, and 0 or more"):
        evaluate(run, seconds=-1.0)
    learns = msgspec.structs.replace(run.config, learning=LearningConfig(rate=0.1))
    with pytest.raises(InputError, match=r"learning\.rate: belongs to how a chip learns"):
        evaluate(run, learns)
    with pytest.raises(InputError, match="inputs of shape"):
        evaluate(run, msgspec.structs.replace(run.config, task="digits"))
    still = msgspec.structs.replace(run.config, device=DeviceConfig())
    with pytest.raises(InputError, match="time does nothing"):
        evaluate(run, still, seconds=1.0)


def test_other_cells_bring_their_own_numbers(tmp_path, monkeypatch):
    """What the default cell has is not what a sheet leaves out, wherever the sheet is named."""
    folder, sheet = tmp_path / "run", "ecram_mo_kim2019"
    one_layer = NetworkConfig(hidden=())
    done = train(Config(task="parity", chips=2, windows=8, network=one_layer, out=str(folder)))
    cells = msgspec.structs.replace(done.config.device, sheet=sheet)
    found = evaluate(done, msgspec.structs.replace(done.config, device=cells))
    assert found.changed["device.sheet"] == [None, sheet]
    assert found.changed["device.write_noise"] == [0.005, None]
    assert found.changed["device.update_step"] == [0.001, None]
    asked = []
    monkeypatch.setattr(asking, "evaluate", lambda run, config, seconds: (
        asked.append(differences([run.config, config])), found)[1])  # fmt: skip
    runs(["evaluate", str(folder), "--device", sheet])
    assert asked.pop() == found.changed
    # What is given beside the sheet stays, though the default cell has the same.
    runs(["evaluate", str(folder), "--device", sheet, "--device.write-noise", "0.005"])
    (given,) = asked
    assert "device.write_noise" not in given
    assert given["device.update_step"] == [0.001, None]
    file = as_given(folder / "config.toml")
    assert checked(file) == msgspec.structs.replace(done.config, out=None)
    other = msgspec.structs.replace(file, device=msgspec.structs.replace(file.device, sheet=sheet))
    assert checked(other).device == checked(Config(device=DeviceConfig(sheet=sheet))).device
    ideal = checked(msgspec.structs.replace(file, ideal=True))
    assert (ideal.bus.cost_noise, ideal.device.update_noise) == (None, None)


def test_numbers_that_a_run_was_given_stay(tmp_path):
    """Beside a sheet, or on an ideal chip, a number of the default cell was given."""
    given = DeviceConfig(sheet="ecram_mo_kim2019", write_noise=0.005)
    for config in (Config(device=given), Config(ideal=True, device=DeviceConfig(write_noise=0.005)),
                   Config(device=DeviceConfig(write_noise=0.004))):  # fmt: skip
        folder = tmp_path / str(id(config))
        folder.mkdir()
        write_config(folder, checked(config))
        assert checked(as_given(folder / "config.toml")) == checked(config)


def test_runs_are_listed_and_compared(folder, tmp_path, capsys):
    (tmp_path / "deep").mkdir()
    for name in ("a", "deep/b"):
        (tmp_path / name).mkdir()
        for file in (".neuromgd", "config.toml", "history.parquet"):
            (tmp_path / name / file).write_bytes((folder / file).read_bytes())
    (tmp_path / "a" / "summary.json").write_bytes((folder / "summary.json").read_bytes())
    (tmp_path / "deep" / "b" / "partial.json").write_text("{}")
    first, second = listed(tmp_path)
    assert (first.state, second.state) == ("finished", "interrupted")
    assert first.score == json.loads((folder / "summary.json").read_text())["accuracy"]
    assert first.options["device.leak_time"] == LEAK
    (tmp_path / "a" / "config.toml").write_text("chips = 'many'")
    runs(["list", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in told] == ["damaged", "run"]
    runs(["list", str(tmp_path)])
    assert "interrupted" in capsys.readouterr().out
    figure = tmp_path / "both.svg"
    (tmp_path / "deep" / "b" / "partial.json").unlink()
    runs(["compare", str(folder), str(tmp_path / "deep" / "b"), "--figure", str(figure)])
    assert "2 runs" in capsys.readouterr().out
    assert figure.stat().st_size > 1_000
    with pytest.raises(InputError, match="two runs"):
        runs(["compare", str(folder)])
