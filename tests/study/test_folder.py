"""A run folder: never a user's, never a finished run's, and nothing in it but ours is touched."""

import json
import multiprocessing
import subprocess
import sys

import msgspec
import pytest

from neuromgd.cli import result
from neuromgd.cli.train import resumed
from neuromgd.errors import InputError, StorageError, UntoldWarning
from neuromgd.options.config import Config, LearningConfig
from neuromgd.options.read import checked, from_file
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.folder import MARK, clear, reserved
from neuromgd.study.lock import make_mark
from neuromgd.study.sweep import sweep
from neuromgd.study.told import read_summary
from neuromgd.study.train import train
from neuromgd.verdict import summary

RUN = Config(
    task="parity", chips=2, windows=40, log_every=10, learning=LearningConfig(schedule="constant")
)


def to(out, **changes):
    return msgspec.structs.replace(RUN, out=str(out), **changes)


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def users(folder):
    """A folder of a user's that looks much like one of ours."""
    (folder / "checkpoints" / "7").mkdir(parents=True)
    (folder / "checkpoints" / "7" / "model.pt").write_bytes(b"months of work")
    (folder / "config.toml").write_text("task = 'parity'\n")
    (folder / "summary.json").write_text("{}")
    return folder


@pytest.mark.parametrize("may_overwrite", [False, True])
@pytest.mark.parametrize(
    "begin", [train, lambda config, **how: sweep(config, ["learning.rate=1,2"], **how)]
)
def test_a_users_folder_is_refused_and_stays_as_it_was(tmp_path, begin, may_overwrite):
    folder = users(tmp_path / "mine")
    before = contents(folder)
    with pytest.raises(InputError, match=r"option out = .*no run of neuromgd is in it"):
        begin(to(folder), may_overwrite=may_overwrite)
    assert contents(folder) == before


def test_a_finished_run_is_kept_unless_it_may_be_overwritten(tmp_path):
    out = tmp_path / "run"
    train(to(out))
    (out / "notes.txt").write_text("mine")
    (out / "figures").mkdir(exist_ok=True)
    (out / "figures" / "mine.png").write_text("mine")
    before = contents(out)
    with pytest.raises(InputError, match=r"holds a finished run.*--overwrite"):
        train(to(out, seed=5))
    assert contents(out) == before
    train(to(out, seed=5, windows=20), may_overwrite=True)
    assert json.loads((out / "summary.json").read_text())["seed"] == 5
    assert Checkpoints(out).newest() == 20
    assert (out / "notes.txt").read_text() == (out / "figures" / "mine.png").read_text() == "mine"


def test_an_unfinished_run_is_kept_unless_it_may_be_overwritten(tmp_path):
    out = tmp_path / "run"
    train(to(out))
    (out / "summary.json").unlink()
    before = contents(out)
    with pytest.raises(InputError, match=r"holds an unfinished run: --resume goes on"):
        train(to(out, seed=5))
    assert contents(out) == before
    assert train(to(out, seed=5), may_overwrite=True).summary["seed"] == 5


def test_what_an_earlier_run_wrote_is_cleared_and_nothing_else(tmp_path):
    users(tmp_path)
    (tmp_path / MARK).touch()
    (tmp_path / "checkpoints" / "notes").mkdir()
    clear(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [MARK, "checkpoints"]
    assert sorted(p.name for p in (tmp_path / "checkpoints").iterdir()) == ["7", "notes"]


def test_runs_of_one_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    unnamed = msgspec.structs.replace(RUN, out=None)
    names = []
    for number in range(3):
        with reserved(unnamed) as config:
            names.append(config.out)
            if number < 2:
                (tmp_path / config.out / "file").touch()
    assert len(set(names)) == 3
    # One that nothing was written to is gone again.
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == sorted(n[5:] for n in names[:2])


def _name(folder):
    import os

    os.chdir(folder)
    with reserved(msgspec.structs.replace(RUN, out=None)) as config:
        (folder / config.out / "file").touch()
        return config.out


@pytest.mark.slow
def test_processes_of_one_second_have_folders_of_their_own(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        names = pool.map(_name, [tmp_path] * 16)
    assert len(set(names)) == 16


@pytest.mark.parametrize("out", ["a\0b", "file/run"])
def test_a_name_that_cannot_be_written_is_refused(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"option out = .* cannot be written"):
        train(to(out))


def test_a_run_that_ended_before_its_summary_goes_on_with_that(tmp_path):
    out = tmp_path / "run"
    whole = train(to(out)).summary
    (out / "summary.json").unlink()
    again = train(resumed(out, Config()), is_resumed=True).summary
    assert again["accuracy_per_chip"] == whole["accuracy_per_chip"]
    assert (out / "summary.json").exists()


def test_a_diagnosis_that_fails_loses_no_run(tmp_path, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("float division\nby zero")

    monkeypatch.setattr(summary, "diagnose", fail)
    told = train(to(tmp_path)).summary
    assert told["explanations"] == ["the diagnosis failed: ZeroDivisionError: float division"]
    assert told["synapses"] == 9
    assert read_summary(tmp_path / "summary.json") == told


def test_a_second_run_in_one_folder_is_refused_until_the_first_ends(tmp_path):
    holder = (
        "import sys, pathlib; from neuromgd.study.lock import locked, make_mark;"
        "folder = pathlib.Path(sys.argv[1]); make_mark(folder);"
        "held = locked(folder); held.__enter__(); print('held', flush=True); input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(InputError, match="another process"), reserved(to(tmp_path)):
        pass
    process.kill()  # nothing that it could have cleaned up after
    process.communicate()
    with reserved(to(tmp_path)), reserved(to(tmp_path)):
        pass


def test_links_in_a_run_folder_lead_nowhere(tmp_path):
    victim, out = tmp_path / "victim", tmp_path / "run"
    (victim / "7").mkdir(parents=True)
    (victim / "file").write_text("mine")
    out.mkdir()
    make_mark(out)
    for name in ("config.toml", "history.parquet", "summary.json", ".config.toml.part"):
        (out / name).symlink_to(victim / "file")
    train(to(out), may_overwrite=True)
    assert (victim / "file").read_text() == "mine"
    assert not (out / "config.toml").is_symlink()
    clear(out)
    (out / "checkpoints").symlink_to(victim)
    with pytest.raises(InputError, match="checkpoints: is a link"):
        train(to(out), may_overwrite=True)
    assert sorted(p.name for p in victim.iterdir()) == ["7", "file"]


def test_a_folder_that_is_moved_while_a_run_writes_is_missed(tmp_path):
    out = tmp_path / "run"

    def move(row, windows):
        if row.window == 20:
            out.rename(tmp_path / "elsewhere")
            (out / "mine").mkdir(parents=True)

    with pytest.raises(StorageError, match="moved or removed"):
        train(to(out), move)
    assert [path.name for path in out.iterdir()] == ["mine"]


def test_the_configuration_of_a_run_makes_a_new_run(tmp_path):
    train(to(tmp_path))
    text = (tmp_path / "config.toml").read_text()
    assert "out =" not in text
    assert "ideal = false" in text
    again = from_file(tmp_path / "config.toml")
    assert again == checked(msgspec.structs.replace(RUN, out=None))


def test_figures_that_fail_lose_no_run(tmp_path):
    with (
        pytest.warns(UntoldWarning, match="no figures: OSError: no space"),
        result.telling_of_figures(tmp_path),
    ):
        raise OSError("no space")


def test_who_is_refused_leaves_the_mark_of_the_other(tmp_path, monkeypatch):
    """Of two that begin at once, one has made the folder, and the other is first in it."""

    def taken(folder):
        raise InputError("another process runs in this folder")

    monkeypatch.setattr("neuromgd.study.folder.locked", taken)
    monkeypatch.setattr("neuromgd.study.folder.make_mark", make_mark)
    with pytest.raises(InputError, match="another process"), reserved(to(tmp_path / "new")):
        pass
    assert (tmp_path / "new" / MARK).exists()
