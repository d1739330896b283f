"""What makes the command line easy: short help, a search of options, progress, suggestions."""

import subprocess
import sys

import msgspec
import pytest
from rich.console import Console

from neuromgd.cli import main as cli
from neuromgd.cli import progress
from neuromgd.cli.distributed import offering_to_resume
from neuromgd.cli.options import COMMON, search
from neuromgd.cli.progress import Progress, duration
from neuromgd.errors import InputError
from neuromgd.options.catalogue import catalogue
from neuromgd.sheets.library import convert


def told(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["neuromgd", *arguments])
    cli.main()
    return capsys.readouterr().out


def test_short_help_shows_what_is_used_most_and_where_the_rest_is(monkeypatch, capsys):
    text = told(monkeypatch, capsys, "train", "--help")
    assert {f"--{name.replace('_', '-')}" for name in COMMON} <= set(text.split())
    assert f"other {len(catalogue()) - len(COMMON)}" in " ".join(text.split())
    with pytest.raises(SystemExit, match="0"):
        told(monkeypatch, capsys, "train", "--help-all")
    assert "--bus.reception-noise" in capsys.readouterr().out


def test_options_are_found_by_name_unit_and_meaning(monkeypatch, capsys):
    assert [one.name for one in search(["--bus.delay"])] == ["bus.delay"]
    texts = [f"{one.name} {one.unit} {one.meaning}".lower() for one in search(["bit"])]
    assert len(texts) > 5
    assert all("bit" in text for text in texts)
    assert "drift" in told(monkeypatch, capsys, "options", "drift", "exponent")
    assert len(search([])) == len(catalogue())


def test_a_key_that_is_not_there_suggests_one_that_is(tmp_path):
    class Inner(msgspec.Struct, forbid_unknown_fields=True):
        cost_noise: float = 0.0

    class Outer(msgspec.Struct, forbid_unknown_fields=True):
        bus: Inner = msgspec.field(default_factory=Inner)

    with pytest.raises(InputError, match=r"did you mean cost_noise\?"):
        convert(tmp_path, {"bus": {"cost_nois": 1.0}}, Outer)


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "neuromgd", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("neuromgd ")


def test_without_a_terminal_a_line_tells_how_long_it_takes_and_then_every_while(
    monkeypatch, capsys
):
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with Progress(Console(force_terminal=False, width=80)) as shown:
        for second in range(101):
            now = float(second)
            shown.show(second / 100, f"step {second}")
    lines = capsys.readouterr().out.splitlines()
    # The pace is known from the second row on; then one line in twenty seconds.
    assert lines == [
        "step 1, 2 min left", "step 21, 1 min left", "step 41, 59 s left", "step 61, 39 s left",
        "step 81, 19 s left",
    ]  # fmt: skip


def test_what_is_over_soon_prints_no_line(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with Progress(Console(force_terminal=False)) as shown:
        for place in range(11):
            now = place / 10
            shown.show(place / 10, "step")
    assert capsys.readouterr().out == ""


def test_times_are_told_in_words():
    assert [duration(one) for one in (0.2, 59.0, 61.0, 3700.0)] == [
        "1 s",
        "59 s",
        "1 min",
        "1 h 2 min",
    ]


def test_a_row_that_takes_long_is_told_of_every_half_minute(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    shown = Progress(Console(force_terminal=False, width=80))
    for second in range(121):
        now = float(second)
        if second in (40, 60):
            shown.show(second / 400, f"step {second}")
        shown.remind()
    assert capsys.readouterr().out.splitlines() == [
        "loading and compiling (29 s so far)",
        "step 40 (58 s so far)",
        "step 60, 13 min left (1 min so far)",
        "step 60, 22 min left (2 min so far)",
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["", "group-2", "round-1-batch-1/group-1"])
def test_what_was_interrupted_says_how_to_go_on(tmp_path, capsys, part):
    """Checkpoints lie in the folder of a run, of a group of a sweep or of a part of a search."""
    (tmp_path / part / "checkpoints" / "20").mkdir(parents=True)
    with pytest.raises(SystemExit) as left, offering_to_resume("sweep", tmp_path):
        raise KeyboardInterrupt
    assert left.value.code == 130
    told = capsys.readouterr().err
    assert told == (
        f"neuromgd: interrupted; 'neuromgd sweep --resume {tmp_path}' goes on with it\n"
    )


def test_what_left_no_checkpoint_offers_nothing(tmp_path, capsys):
    with pytest.raises(SystemExit), offering_to_resume("sweep", tmp_path / "none"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "neuromgd: interrupted\n"
