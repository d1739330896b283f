"""The command line: one line and exit status 2 for what a user did wrong, never a traceback."""

import json
import os
import re
import subprocess
import sys

import pytest

from neuromgd.cli import main as cli
from neuromgd.cli.parse import one_line


def run(monkeypatch, *arguments):
    """Runs the command line; returns its exit status."""
    monkeypatch.setattr(sys, "argv", ["neuromgd", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return stop.code
    return 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fly"], "unknown command 'fly'"),
        (["train", "--wings", "2"], "Unrecognized options: --wings"),
        (["tran"], "did you mean train?"),
        (["train", "--bus.cost-nois", "1"], "did you mean --bus.cost-noise?"),
        (["train", "--cost-nois=1"], "did you mean --bus.cost-noise?"),
        (["train", "--task", "digit"], "did you mean digits?"),
        (["train", "--device", "fefet_jery2017"], "did you mean fefet_jerry2017?"),
        (["time", "--platfrom", "x"], "did you mean --platform?"),
        (["options", "zyx"], "none has 'zyx' in it"),
        (["doctor", "now"], "takes no options"),
        (["train", "--task", "nothing"], "invalid choice 'nothing' for argument '--task'"),
        (["train", "--bus.cost-noise", "-1"], "bus.cost_noise = -1.0"),
        (["train", "--hidden", "8,0"], "network.hidden"),
        (["train", "--kernel", "pallas"], "kernel = 'pallas': runs on a GPU"),
        (["train", "--hidden", "wide"], "--hidden"),
        (["train", "--chips", "many"], "--chips"),
        (["train", "--config", "/nowhere.toml"], "/nowhere.toml"),
        (["train", "--task", "mnist", "--data-dir", "/nowhere"], "data_dir = '/nowhere'"),
    ],
)
def test_a_mistake_is_told_in_one_line(monkeypatch, capsys, arguments, complaint):
    assert run(monkeypatch, *arguments) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert told.count("\n") == 1


def test_options_stand_over_the_file_and_the_file_over_the_defaults(monkeypatch, capsys, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        "task = 'parity'\nideal = true\nwindows = 40\nlog_every = 10\nchips = 3\n"
        "[bus]\ncost_noise = 0.25\n"
    )
    out = str(tmp_path / "run")
    status = run(
        monkeypatch, "train", "--config", str(path), "--chips", "2", "--json", "--out", out
    )
    summary = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (summary["task"], summary["windows"], summary["chips"]) == ("parity", 40, 2)
    assert "cost_noise = 0.25" in (tmp_path / "run" / "config.toml").read_text()


def test_an_ideal_chip_has_no_effect_but_those_that_are_given(monkeypatch, capsys, tmp_path):
    out = str(tmp_path / "run")
    options = ["--task", "parity", "--windows", "40", "--log-every", "10", "--chips", "2"]
    options += ["--ideal", "--bus.cost-noise", "0.5"]
    assert run(monkeypatch, "train", *options, "--out", out) == 0
    written = (tmp_path / "run" / "config.toml").read_text()
    assert "cost_noise = 0.5" in written
    assert "update_step" not in written
    assert "test accuracy" in capsys.readouterr().out
    figure = tmp_path / "run" / "figures" / "history.png"
    assert figure.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "drawn",
    [
        "╭─ Invalid ───╮\n│ not this one│\n│ ─────────── │\n│ For help    │\n╰─────────────╯\n",
        " Invalid       \n ------------- \n  not this one \n  ------------ \n  For help     \n",
    ],
    ids=["box", "no box"],
)
def test_a_complaint_is_one_line_on_any_terminal(drawn):
    assert one_line(drawn) == "not this one"


def started(*arguments, stdout=subprocess.PIPE, **environment):
    code = "from neuromgd.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=os.environ | environment, stdout=stdout,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_terminal_without_our_letters_shows_numbers():
    done = started("devices", "show", "ecram_mo_kim2019", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_an_output_that_cannot_be_written_is_told_in_one_line():
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = started("devices", "list", stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"neuromgd: the output cannot be written: No space left on device\n"


def test_a_device_that_jax_does_not_find_is_told_in_one_line(tmp_path):
    out = str(tmp_path / "run")
    done = started("train", "--task", "parity", "--windows", "1", "--out", out, JAX_PLATFORMS="tpu")
    assert done.returncode == 2
    assert b"JAX_PLATFORMS = 'tpu'" in done.stderr
    assert done.stderr.count(b"\n") <= 2
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.05, 0.3, 1.0, 3.0])
def test_an_interruption_while_libraries_load_is_one_line(tmp_path, after):
    code = (
        "import os, signal, threading; from neuromgd.cli.main import main;"
        f"threading.Timer({after}, os.kill, (os.getpid(), signal.SIGINT)).start(); main()"
    )
    run = ["train", "--task", "parity", "--windows", "10000000", "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-c", code, *run], capture_output=True)
    assert done.returncode == 130
    assert [line[:9] for line in done.stderr.splitlines() if line] == [b"neuromgd:"]


@pytest.mark.slow
def test_libraries_say_nothing_beside_us(tmp_path):
    done = started("train", "--task", "parity", "--windows", "8", "--out", str(tmp_path / "run"))
    assert done.returncode == 0
    # Progress is ours; W0000 00:00:… and WARNING are theirs.
    theirs = re.compile(rb"[EIW]\d{4} |WARNING|Warning|warn")
    assert not [line for line in done.stderr.splitlines() if theirs.search(line)]
