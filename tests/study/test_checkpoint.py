"""An interrupted run goes on from its checkpoint, with the numbers of one that never stopped."""

import signal
import subprocess
import sys
import time

import jax
import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from neuromgd.chip.chip import weights
from neuromgd.cli.train import refuse_changes, resumed
from neuromgd.errors import InputError, OtherLengthWarning, StoppedError
from neuromgd.fleet.engines.simulated import Simulated
from neuromgd.options.config import Config, NetworkConfig
from neuromgd.study import checkpoint, means, pace, run
from neuromgd.study.told import read_summary
from neuromgd.study.train import train
from neuromgd.verdict.row import Row

# With an option that files keep as a list.
RUN = Config(
    task="parity", chips=2, windows=40, log_every=10, network=NetworkConfig(hidden=(2,))
)  # fmt: skip
# Of any length in one program.
CONSTANT = msgspec.structs.replace(
    RUN, learning=msgspec.structs.replace(RUN.learning, schedule="constant")
)


class InterruptedRunError(Exception):
    pass


def at(window):
    def stop(row, windows):
        del windows
        if row.window == window:
            raise InterruptedRunError

    return stop


@pytest.mark.parametrize("stop", [10, 30])
def test_a_resumed_run_gives_the_numbers_of_one_that_never_stopped(tmp_path, monkeypatch, stop):
    monkeypatch.setattr(checkpoint.Checkpoints, "is_due", lambda self: True)
    whole = train(msgspec.structs.replace(RUN, out=str(tmp_path / "whole")))
    parts = msgspec.structs.replace(RUN, out=str(tmp_path / "parts"))
    with pytest.raises(InterruptedRunError):
        train(parts, at(stop))
    again = train(resumed(tmp_path / "parts", Config()), is_resumed=True)
    jax.tree.map(np.testing.assert_array_equal, weights(whole.chips), weights(again.chips))
    assert whole.history == again.history
    for name in ("whole", "parts"):
        written = pq.read_table(tmp_path / name / "history.parquet").to_pylist()
        assert [Row(*row.values()) for row in written] == whole.history
    assert (tmp_path / "parts" / "summary.json").exists()


@pytest.mark.slow
def test_a_finished_run_can_be_made_longer(tmp_path):
    out = str(tmp_path / "run")
    long = msgspec.structs.replace(CONSTANT, out=str(tmp_path / "long"))
    train(msgspec.structs.replace(long, windows=20, out=out))
    more = train(resumed(tmp_path / "run", Config(windows=40)), is_resumed=True)
    assert [row.window for row in more.history] == [10, 20, 30, 40]
    jax.tree.map(np.testing.assert_array_equal, weights(train(long).chips), weights(more.chips))


@pytest.mark.slow
def test_a_rate_that_falls_over_the_run_is_told_where_its_length_changes(tmp_path):
    out = tmp_path / "run"
    train(msgspec.structs.replace(RUN, windows=20, out=str(out)))
    told = r"first 20 windows fell as in a run of 20, the others fall as in one of 40"
    with pytest.warns(OtherLengthWarning, match=told):
        more = train(resumed(out, Config(windows=40)), is_resumed=True)
    # The rate of window 20 … 39 is that of a run of 40 from there on.
    assert more.history[-1].window == 40


def test_what_would_change_a_run_is_refused(tmp_path):
    out = tmp_path / "run"
    train(msgspec.structs.replace(RUN, out=str(out)))
    for option in ("--seed=3", "--chips", "--bus.cost-noise"):
        with pytest.raises(InputError, match="a run goes on as it began"):
            refuse_changes([f"--resume={out}", "--windows", "80", option, "8"])
    refuse_changes([f"--resume={out}", "--windows", "80", "--json"])
    with pytest.raises(InputError, match="has done all its 40 windows"):
        train(resumed(out, Config()), is_resumed=True)
    with pytest.raises(InputError, match=r"config\.toml"):
        resumed(tmp_path / "nowhere", Config())
    other = msgspec.structs.replace(
        RUN, chips=3, windows=80, out=str(out),
        bus=msgspec.structs.replace(RUN.bus, cost_noise=0.5),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"chips was 2, is 3; bus.cost_noise was 0.001, is 0.5"):
        train(other, is_resumed=True)


@pytest.mark.slow
def test_a_row_in_pieces_is_that_of_one_piece(tmp_path, monkeypatch):
    whole = train(msgspec.structs.replace(RUN, out=str(tmp_path / "whole")))
    monkeypatch.setattr(checkpoint.Checkpoints, "is_due", lambda self: True)
    monkeypatch.setattr(pace, "SECONDS", 1e-9)  # a window a piece, and a checkpoint after each
    monkeypatch.setattr(means, "BLOCK", 3)
    monkeypatch.setattr(run, "BLOCK", 3)
    out = tmp_path / "parts"
    seen = []

    def advance(self, chips, first, last, own=Simulated.advance):
        seen.append(first)
        if first == 13 and seen.count(13) == 1:
            raise InterruptedRunError
        return own(self, chips, first, last)

    monkeypatch.setattr(Simulated, "advance", advance)
    with pytest.raises(InterruptedRunError):
        train(msgspec.structs.replace(RUN, out=str(out)))
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == ["11", "12", "13"]
    again = train(resumed(out, Config()), is_resumed=True)
    assert len(seen) == RUN.windows + 1
    jax.tree.map(np.testing.assert_array_equal, weights(whole.chips), weights(again.chips))
    for row, expected in zip(again.history, whole.history, strict=True):
        assert row.score_per_chip == expected.score_per_chip
        np.testing.assert_allclose(row.cost_per_chip, expected.cost_per_chip, rtol=1e-12)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_ends_a_run_that_can_go_on(tmp_path, number):
    whole = train(msgspec.structs.replace(RUN, out=str(tmp_path / "whole")))
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    # A process in the background may have been told to ignore it.
    before = signal.signal(number, usual)
    out = tmp_path / "run"
    try:
        with pytest.raises(StoppedError) as stopped:
            train(
                msgspec.structs.replace(RUN, out=str(out)),
                lambda row, _: signal.raise_signal(number) or time.sleep(0.05),
            )
        assert stopped.value.number == number
        assert signal.getsignal(number) == usual
    finally:
        signal.signal(number, before)
    partial = read_summary(out / "partial.json")
    assert (partial["signal"], partial["window"], partial["windows"]) == (number, 10, 40)
    again = train(resumed(out, Config()), is_resumed=True)
    assert again.history == whole.history
    assert not (out / "partial.json").exists()


def test_a_new_run_forgets_the_checkpoints_of_its_folder(tmp_path):
    out = str(tmp_path / "run")
    train(msgspec.structs.replace(CONSTANT, out=out))
    again = train(
        msgspec.structs.replace(CONSTANT, windows=20, seed=5, out=out), may_overwrite=True
    )
    assert checkpoint.Checkpoints(again.folder).newest() == 20


def test_without_a_checkpoint_there_is_nothing_to_go_on_from(tmp_path):
    out = str(tmp_path / "run")
    with pytest.raises(InputError, match="no run of neuromgd is in it"):
        train(msgspec.structs.replace(RUN, out=out), is_resumed=True)


@pytest.mark.slow
def test_a_killed_run_goes_on(tmp_path):
    out = tmp_path / "run"
    command = [
        sys.executable,
        "-c",
        "from neuromgd.cli.main import main; main()",
        "train",
        "--task",
        "parity",
        "--chips",
        "2",
    ]
    command += ["--windows", "4000000", "--log-every", "2000", "--out", str(out)]
    command += ["--learning.schedule", "constant"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(out.glob("checkpoints/[0-9]*")) and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = checkpoint.Checkpoints(out).newest()
    more = train(resumed(out, Config(windows=kept + 4000)), is_resumed=True)
    assert more.history[-1].window == kept + 4000
    windows = [row.window for row in more.history]
    assert windows[:-1] == list(range(2000, kept + 4000, 2000))
