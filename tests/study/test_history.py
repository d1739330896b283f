"""A history may be as long as it likes: appended to, read in pieces, and damage is noticed."""

import random
import resource
import shutil
import time

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from neuromgd.errors import InputError
from neuromgd.options.config import Config, LearningConfig
from neuromgd.study import history as module
from neuromgd.study.history import History, history
from neuromgd.study.history_file import line
from neuromgd.study.open import open_run
from neuromgd.study.rows import Rows
from neuromgd.study.train import train
from neuromgd.verdict.row import Row, column, thinned
from tests.campaign.damage import CHANGES

ROWS = [
    Row(n, 4 * n, 0.1 * n, 1 / n, 0.5 * n, [1 / n, float("inf")], [0.5, float(n)], 0.1, None, n / 3)
    for n in range(1, 61)
]
METRIC = "accuracy"


@pytest.fixture
def few(monkeypatch):
    """Rewrites four rows, holds eight, and writes five together."""
    monkeypatch.setattr(module, "ANEW", 4)
    monkeypatch.setattr(module, "SHORT", 8)
    monkeypatch.setattr(module, "group_of", lambda chips: 5)


def written(folder, rows):
    folder.mkdir(exist_ok=True)
    kept = History(folder, METRIC)
    for row in rows:
        kept.add(row, is_written=True)
    return kept


def test_a_long_history_is_appended_to_and_nothing_of_it_is_written_twice(tmp_path, few):
    kept, seen = History(tmp_path, METRIC), {}
    for row in ROWS:
        kept.add(row, is_written=True)
        if row.window % 7 < 2:
            assert history(tmp_path, METRIC) == kept.rows == ROWS[: row.window]
        for path in tmp_path.rglob("*.parquet"):
            number = path.stat().st_ino
            if row.window > 4:
                assert seen.setdefault(path, number) == number
    assert len(seen) == 1 + (60 - 4) // 5
    kept.settle()
    assert [path.name for path in tmp_path.iterdir()] == ["history.parquet"]
    assert history(tmp_path, METRIC) == ROWS


def test_rows_in_files_are_those_in_memory(tmp_path, few):
    rows = written(tmp_path, ROWS).rows
    assert isinstance(rows, Rows)
    assert [rows[place] for place in range(-60, 60)] == [*ROWS, *ROWS]
    assert rows[3:50:7] == ROWS[3:50:7]
    assert rows != ROWS[:-1]
    assert rows != [*ROWS[:-1], ROWS[0]]
    with pytest.raises(IndexError):
        rows[60]
    for name in ("window", "score", "hardware_seconds", "hardware_joules"):
        np.testing.assert_array_equal(column(rows, name), column(ROWS, name))
    assert thinned(rows, 7) == thinned(ROWS, 7)
    assert [row.window for row in thinned(ROWS, 3)] == [1, 30, 60]


@pytest.mark.parametrize("window", [3, 7, 9, 33])
def test_a_history_that_goes_on_ends_as_one_that_was_not_interrupted(tmp_path, few, window):
    told = written(tmp_path / "short", ROWS[:window]).told()
    # A killed run leaves rows beyond its checkpoint, and half a line.
    written(tmp_path / "own", ROWS[: window + 8])
    with (tmp_path / "own" / "history.tail").open("ab") as file:
        file.write(line(ROWS[3]) + b"[60, 2")
    kept = History(tmp_path / "own", METRIC)
    kept.reopen(window, told)
    kept.rewrite()
    assert history(tmp_path / "own", METRIC) == ROWS[:window]
    for row in ROWS[window:]:
        kept.add(row, is_written=True)
    kept.settle()
    written(tmp_path / "whole", ROWS).settle()
    one, other = (pq.read_table(tmp_path / name / "history.parquet") for name in ("own", "whole"))
    assert one == other
    assert kept.told() == written(tmp_path / "again", ROWS).told()


def test_what_was_joined_and_not_taken_away_is_there_once(tmp_path, few):
    kept = written(tmp_path, ROWS)
    shutil.copytree(tmp_path, tmp_path / "before")
    kept.settle()
    shutil.move(tmp_path / "before" / "history", tmp_path / "history")
    assert history(tmp_path, METRIC) == ROWS


@pytest.mark.parametrize("kind", ["flip", "truncate", "zero"])
def test_damage_to_a_part_of_a_long_history_is_noticed(tmp_path, few, kind):
    told = written(tmp_path, ROWS).told()
    path = sorted((tmp_path / "history").iterdir())[4]
    path.write_bytes(CHANGES[kind](path.read_bytes(), random.Random(2)))
    with pytest.raises(
        InputError, match=r"history\.parquet: damaged or missing: .*000029\.parquet"
    ):
        History(tmp_path, METRIC).reopen(60, told)
    with pytest.raises(InputError, match=r"000029\.parquet"):
        history(tmp_path, METRIC)


@pytest.mark.parametrize("missing", [
    {"window": None}, {"step": None}, {"cost": None}, {"delta_cost": None},
    {"cost_per_chip": [0.1, None]}, {"score_per_chip": [None, None]},
], ids=lambda missing: next(iter(missing)))  # fmt: skip
def test_a_row_without_one_of_its_numbers_is_refused(tmp_path, missing):
    written(tmp_path, [*ROWS[:3], ROWS[3]._replace(**missing)]).settle()
    with pytest.raises(InputError, match=r"history\.parquet: cannot be read: Expected"):
        history(tmp_path, METRIC)


@pytest.mark.parametrize("odd", [
    b"7\n", b"{}\n", b"[]\n", b"[" * 10_000 + b"\n", line(ROWS[9]._replace(window=None)),
    line(ROWS[9]._replace(window="9")), line(ROWS[9]._replace(cost_per_chip=1.0)),
], ids=lambda odd: odd[:8].decode().strip())  # fmt: skip
def test_lines_end_before_one_that_is_no_row(tmp_path, few, odd):
    kept = written(tmp_path, ROWS[:9])
    with (tmp_path / "history.tail").open("ab") as file:
        file.write(odd + line(ROWS[9]))
    assert history(tmp_path, METRIC) == ROWS[:9]
    again = History(tmp_path, METRIC)
    again.reopen(60, kept.told())
    again.settle()
    assert history(tmp_path, METRIC) == ROWS[:9]


def test_a_run_is_the_same_whether_its_history_is_in_memory_or_not(tmp_path, few):
    config = Config(
        task="parity", ideal=True, chips=2, windows=20, log_every=1, out=str(tmp_path / "long"),
        learning=LearningConfig(schedule="constant"),
    )  # fmt: skip
    long = train(config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHORT", 100)
        short = train(msgspec.structs.replace(config, out=str(tmp_path / "short")))
    assert isinstance(long.history, Rows)
    assert isinstance(short.history, list)
    assert long.history == short.history
    apart = lambda run: {
        k: v for k, v in run.summary.items() if k not in ("wall_seconds", "checksum")
    }
    assert apart(long) == apart(short)
    assert open_run(long.folder).history == short.history


@pytest.mark.slow
def test_a_million_rows_take_the_memory_and_the_time_of_few(tmp_path):
    kept, took = History(tmp_path, METRIC), []
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for part in range(20):
        if part == 1:
            warm = peak()
        begun = time.process_time()
        for n in range(50_000 * part + 1, 50_000 * (part + 1) + 1):
            kept.add(Row(n, n, 0.1, 1 / n, 0.5, [1 / n], [0.5], 0.1), is_written=True)
        took.append(time.process_time() - begun)
    assert peak() - warm < 32
    assert np.median(took[-5:]) < 1.5 * np.median(took[1:6])
    kept.settle()
    rows = history(tmp_path, METRIC)
    assert len(rows) == len(kept) == 10**6
    assert rows[765_432].window == 765_433
    assert column(rows, "window").sum() == 10**6 * (10**6 + 1) / 2
    assert len(thinned(rows)) == 500
    assert peak() - warm < 200
