"""A run while it goes on: it stops at a target, writes events, and is told to have converged."""

import os
import struct

import msgspec
import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event

from neuromgd.cli import complete
from neuromgd.cli.train import read
from neuromgd.errors import InputError
from neuromgd.options.catalogue import catalogue
from neuromgd.options.config import Config, LearningConfig
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.events import Events, scalars
from neuromgd.study.open import open_run
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train
from neuromgd.verdict.convergence import convergence
from neuromgd.verdict.row import Row

CONFIG = Config(
    task="parity", chips=2, windows=200, log_every=10, learning=LearningConfig(schedule="constant")
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of its full length, with events."""
    out = tmp_path_factory.mktemp("whole")
    config = msgspec.structs.replace(CONFIG, out=str(out / "run"))
    with Events(out / "run", "accuracy") as events:
        return train(config, watch=events)


@pytest.fixture(scope="module")
def target(whole):
    """What a run reaches after some rows: the number of the row, and its score."""
    scores = [row.score for row in whole.history]
    place = max(range(1, 19), key=lambda n: scores[n] - max(scores[:n]))
    return scores.index(max(scores[: place + 1])), max(scores[: place + 1])


def test_a_run_that_stops_is_the_beginning_of_one_that_does_not(whole, target, tmp_path):
    place, wanted = target
    config = msgspec.structs.replace(CONFIG, out=str(tmp_path / "run"), stop_at=wanted)
    run = train(config)
    assert run.history == whole.history[: place + 1]
    stop = {"at": wanted, "is_reached": True, "window": 10 * (place + 1), "windows": 200}
    assert run.summary["stop"] == stop
    assert run.summary["windows"] == run.plan.windows == 10 * (place + 1)
    assert run.summary["steps"] == run.history[-1].step
    assert open_run(run.folder).plan.windows == 10 * (place + 1)
    with pytest.raises(InputError, match="has reached what it was to stop at"):
        train(msgspec.structs.replace(run.config, windows=400), is_resumed=True)
    assert whole.summary["stop"] is None


@pytest.mark.slow
def test_one_that_was_killed_stops_at_the_same_place(whole, target, tmp_path, monkeypatch):
    place, wanted = target
    config = msgspec.structs.replace(CONFIG, out=str(tmp_path / "run"), stop_at=wanted)
    monkeypatch.setattr(Checkpoints, "is_due", lambda self: True)

    def killed(row, windows):
        if row.window == 10 * (place + 1):
            raise RuntimeError

    # The row that reaches it is written, its checkpoint and the summary are not.
    with pytest.raises(RuntimeError):
        train(config, watch=killed)
    run = train(config, is_resumed=True)
    assert run.history == whole.history[: place + 1]
    # Killed between its last checkpoint and its summary, it only tells what it came to.
    (run.folder / "summary.json").unlink()
    again = train(config, is_resumed=True)
    assert again.history == run.history
    assert again.summary["accuracy_per_chip"] == run.summary["accuracy_per_chip"]


def test_many_runs_at_once_do_not_stop(tmp_path):
    config = msgspec.structs.replace(CONFIG, out=str(tmp_path / "run"), stop_at=0.5)
    with pytest.raises(InputError, match="one length"):
        sweep(config, ["device.write_noise=0,1"])
    with pytest.raises(InputError, match="option tensorboard: of train alone"):
        read(["--tensorboard"], "sweep")


def events_in(folder):
    """Yields (tag, step, value) from the event files in a folder, by the format of TFRecord."""
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        while content:
            (size,) = struct.unpack("<Q", content[:8])
            event = Event.FromString(content[12 : 12 + size])
            for value in event.summary.value:
                yield value.tag, event.step, value.simple_value
            content = content[16 + size :]


def test_events_are_the_history(whole):
    found = list(events_in(whole.folder / "events"))
    for name, of in (("cost/mean", lambda row: row.cost), ("accuracy/mean", lambda row: row.score),
                     ("accuracy/chip-1", lambda row: row.score_per_chip[1])):  # fmt: skip
        told = [(step, value) for tag, step, value in found if tag == name]
        assert told == [(row.step, np.float32(of(row))) for row in whole.history]
    train(whole.config, may_overwrite=True)
    assert not (whole.folder / "events").exists()


def row(window, cost, chips=2):
    return Row(window, window, 0.0, cost, 0.5, [cost] * chips, [0.5] * chips, 1e-3)


def test_many_chips_are_told_by_quantiles():
    costs = [float(n) for n in range(40)]
    one = row(1, 2.0)._replace(cost_per_chip=costs, score_per_chip=[float("nan")] * 40)
    told = scalars(one, "accuracy")
    assert told["cost/50-percent"] == 19.5
    assert np.isnan(told["accuracy/50-percent"])
    assert not any("chip" in name for name in told)


def test_a_straight_line_falls_by_what_it_falls():
    found = convergence([row(n, 2.0 - 0.001 * n) for n in range(1, 1_001)], rate_falls=False)
    assert found.fell == pytest.approx(0.1 / 1.1, rel=1e-9)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert not found.has_converged
    assert "still fell by 9.1 ±" in found.told
    rising = convergence([row(n, 1.0 + 0.001 * n) for n in range(1, 1_001)], rate_falls=False)
    assert rising.fell == pytest.approx(-0.1 / 1.9, rel=1e-9)
    assert "still rose" in rising.told


def test_what_stands_still_or_is_lost_in_noise_has_converged():
    settled = convergence([row(n, 1 + np.exp(-n / 50)) for n in range(1, 1_001)], rate_falls=True)
    assert settled.has_converged
    assert "learning rate had fallen" in settled.told
    noise = np.random.default_rng(0).normal(size=1_001)
    loud = [row(n, 1.0 + 0.2 * noise[n] - 1e-5 * n) for n in range(1, 1_001)]
    found = convergence(loud, rate_falls=False)
    # 101 readings of σ 0.2: a line through them errs by 0.2·√12/√101 of the cost.
    assert found.error == pytest.approx(0.2 * np.sqrt(12 / 101), rel=0.2)
    assert found.has_converged
    assert convergence([row(n, 1.0) for n in range(1, 20)], rate_falls=False) is None


def test_a_shell_completes_commands_options_words_and_sheets(monkeypatch, capsys):
    assert complete.candidates("neuromgd swe") == ["sweep"]
    assert "--bus.cost-noise" in complete.candidates("neuromgd train --bus.c")
    assert complete.candidates("neuromgd train --synapse.code wal") == ["walsh"]
    assert complete.candidates("neuromgd train --task ") == list(catalogue()["task"].words)
    assert "pcm_14nm" in complete.candidates("neuromgd sweep --platform pcm")
    assert complete.candidates("neuromgd train --config ") == []
    assert complete.candidates("neuromgd runs e") == ["evaluate", "export"]
    monkeypatch.setitem(os.environ, "COMP_LINE", "neuromgd runs e --here")
    monkeypatch.setitem(os.environ, "COMP_POINT", str(len("neuromgd runs e")))
    complete.main(["neuromgd", "e", "runs"])
    assert capsys.readouterr().out.split() == ["evaluate", "export"]
