"""Exploration: a planted front is found in a quarter of the runs; a killed one ends the same."""

import itertools
import json
import shlex
import sys

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from neuromgd.cli import explore as command
from neuromgd.cli.sweep import split
from neuromgd.cli.train import read
from neuromgd.errors import InputError
from neuromgd.options.axes import axes
from neuromgd.options.config import Config, LearningConfig
from neuromgd.options.exploration import Exploration, goals
from neuromgd.options.grid import Design, at
from neuromgd.options.read import from_file
from neuromgd.options.searches import EXPLORATION
from neuromgd.options.told import misfit
from neuromgd.plan.plan import plan
from neuromgd.plots.page.page import page
from neuromgd.study import explore as study
from neuromgd.study.explore import explore
from neuromgd.study.findings import findings
from neuromgd.study.part import Part
from neuromgd.study.proposals import proposed
from neuromgd.study.searches import begun
from neuromgd.study.sweep import sweep
from neuromgd.verdict.pareto import beaten, best, fronts, ranked

# Numbers that change no price, beside some that do: the latter are longer runs of larger batches.
OVER = ["bus.delta_bits=1,3,6,8", "learning.rate=log:0.1:10:3", "batch=1,2,4,8"]
RUN = Config(task="parity", chips=2, windows=160, platform="rram_32nm")


def reached(values, windows):
    """Returns a planted accuracy: bits and samples help, and one rate is best."""
    off = np.log10(values["learning.rate"]) ** 2
    best_of_all = 0.5 + 0.03 * values["bus.delta_bits"] + 0.05 * np.log2(values.get("batch", 1))
    return best_of_all - 0.2 * off - 0.3 * (1 - windows / RUN.windows)


def pretended(own, config, design, points, is_resumed, first_chip=None):
    """Stands for a sweep whose outcome is planted."""
    (axis,) = axes(design.over)
    rows = [dict(zip(axis.names, one, strict=True)) for one in zip(*axis.values, strict=True)]
    assert len(rows) == points
    told = [
        row | {"accuracy": reached(row, row["windows"]), "diverged": 0, "reason": None, "cost": 0.1,
               "accuracy_std": 0.0, "accuracy_low": None, "accuracy_high": None,
               "writes_per_cell": 3.0, "diagnosis": None}
        for row in rows
    ]  # fmt: skip
    return Part({"metric": "accuracy", "chance": 0.5, "points": told}, [])


def test_a_design_is_beaten_by_one_that_is_nowhere_worse():
    losses = np.asarray([[1, 4], [2, 2], [4, 1], [2, 3], [2, 2], [np.inf, 0.5], [5, 5]])
    assert beaten(losses).tolist() == [False, False, False, True, False, False, True]
    drawn = np.random.default_rng(3).integers(0, 5, (60, 3)).astype(float)
    expected = [any((b <= a).all() and (b < a).any() for b in drawn) for a in drawn]
    assert beaten(drawn).tolist() == expected
    assert sorted(n for front in fronts(drawn) for n in front) == list(range(60))
    first = fronts(drawn)[0]
    assert set(best(drawn, len(first))) == set(first)
    # Of a front that is too large the ends stay, and what stands alone.
    line = np.asarray([[0, 9], [1, 8], [1.1, 7.9], [6, 3], [9, 0.0]])
    assert best(line, 3) == [0, 3, 4]
    assert ranked(np.asarray([[1.0], [1e9], [np.inf], [1.0]])).T.tolist() == [[0, 0.5, 1, 0]]


def test_proposals_are_new_and_the_same_for_the_same_past():
    seen = [(0, 0.5), (1, 0.25), (2, 0.75)]
    losses = np.asarray([[1.0, 2.0], [2.0, 1.0]])
    draw = lambda batch: list(
        itertools.islice(proposed([3, 0], [True, False], seen, losses, (7, batch), 6), 6)
    )
    assert draw(1) == draw(1) != draw(2)
    # A grid is exhausted, each place once.
    left = list(proposed([3, 2], [False, True], [(0, 0)], np.empty((0, 2)), (7, 0), 3))
    assert sorted(left) == [(0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]


def test_without_optuna_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r"pip install 'neuromgd\[explore\]'"):
        explore(Config(task="parity", out=str(tmp_path / "run")), Exploration(over=OVER))


def test_a_cell_on_a_platform_of_another_technology_is_a_row_with_its_reason(monkeypatch, tmp_path):
    monkeypatch.setattr(study, "swept", pretended)
    over = ["device.sheet=pcm_nandakumar2020,reram_milo2021", "platform=rram_32nm,loihi_mesh",
            "bus.delta_bits=8 with learning.rate=1.0 with batch=4"]  # fmt: skip
    config = Config(task="parity", chips=2, windows=160, out=str(tmp_path / "run"))
    done = explore(config, Exploration(over=over, trials=4))
    why = {(row["device.sheet"], row["platform"]): row["reason"] for row in done.table}
    assert len(why) == len(done.table)
    foreign = why["pcm_nandakumar2020", "rram_32nm"]
    assert "made for reram_milo2021 or reram_sb_gong2018, not for pcm_nandakumar2020" in foreign
    # What cannot train at all has its own reason.
    assert all(row["reason"] or row["on_front"] or row["round"] for row in done.table)
    assert done.goals == ("time", "energy", "wear")
    mixed = at(config, {"device.sheet": "pcm_nandakumar2020", "platform": "rram_32nm"})
    assert misfit(mixed) == foreign
    assert goals(RUN, Exploration(over=OVER, goals=["energy"]), axes(OVER)) == ("energy",)


def test_a_planted_front_is_found_in_a_quarter_of_the_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(study, "swept", pretended)
    config = msgspec.structs.replace(RUN, out=str(tmp_path))
    done = explore(config, Exploration(over=OVER, trials=36))
    assert done.summary["trials"] == 36
    assert done.summary["runs_worth"] <= 36 / 4
    # Eight bits and the best rate; one design for every price.
    found = {(row["bus.delta_bits"], row["batch"]) for row in done.front}
    assert found == {(8, 1), (8, 2), (8, 4), (8, 8)}
    assert {row["learning.rate"] for row in done.front} == {1.0}
    rows = pq.read_table(tmp_path / "explore.parquet").to_pylist()
    assert rows == done.table
    for row in done.front:
        own = from_file(tmp_path / row["config"])
        made = plan(own)
        steps = made.windows * made.tau.update
        assert (row["hardware_seconds"], row["hardware_joules"]) == made.report.at(steps)
        assert (own.batch, own.bus.delta_bits) == (row["batch"], row["bus.delta_bits"])
    command.draw(done, config)
    shown, *_ = command.tell(done, config)
    assert list(shown.columns[1].cells) == ["8"] * 4
    told = findings(tmp_path)
    assert (told.kind, told.state) == ("exploration", "finished")
    assert [one["trial"] for one in told.front.front] == [one["trial"] for one in done.front]
    text = page([told], "1")
    assert "4 of 36 designs are beaten by no other" in text
    assert f"as long as {done.summary['runs_worth']:.3g} whole runs" in text
    # The command of the page asks for the same again.
    _, _, *words = shlex.split(told.command)
    given, rest = split(words, command.OWN)
    assert command.asked(given, False) == done.wanted
    assert read(rest, "explore").platform == "rram_32nm"


def test_an_exploration_that_is_killed_anywhere_ends_with_the_same_table(monkeypatch, tmp_path):
    kept = {}

    def part(own, *args, **how):
        name = own.name
        if not (is_again and name in kept):
            if len(kept) == at_most:
                raise KeyboardInterrupt
            kept[name] = pretended(own, *args, **how)
        return kept[name]

    monkeypatch.setattr(study, "swept", part)
    wanted = Exploration(over=["bus.delta_bits=lin:1:8:8", "learning.rate=log:0.1:10"],
                         trials=8)  # fmt: skip
    replaced = lambda name: msgspec.structs.replace(RUN, platform=None, out=str(tmp_path / name))
    is_again, at_most = False, 99
    whole = explore(replaced("whole"), wanted)
    parts = len(kept)
    for at_most in range(parts):
        kept.clear()
        is_again, folder = False, tmp_path / f"killed-{at_most}"
        with pytest.raises(KeyboardInterrupt):
            explore(replaced(folder.name), wanted)
        assert findings(folder).state == "not finished"
        config, again = begun(EXPLORATION, folder)
        assert again == wanted
        is_again, at_most = True, 99
        assert explore(config, again, is_resumed=True).table == whole.table


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--trials", "3"], "give at least one"),
        (["--over", "bus.cost_nois=1"], "did you mean bus.cost_noise"),
        (["--over", "batch=1,2", "--trials", "none"], "expected a whole number"),
        (["--over", "batch=1,2", "--goals", "tim"], "did you mean time"),
        (["--over", "batch=1,2", "--distributed"], "one process"),
        (["--over", "batch=1,2", "--bus.delta-bits", "99"], "99"),
    ],
)
def test_what_cannot_be_explored_is_refused(arguments, reason, tmp_path):
    with pytest.raises(InputError, match=reason):
        command.main([*arguments, "--task", "parity", "--out", str(tmp_path / "run")])


@pytest.mark.slow
def test_a_killed_exploration_of_real_chips_ends_with_the_same_table(tmp_path, monkeypatch, capsys):
    over = ["--over", "bus.cost_noise=log:1e-3:1", "--over", "batch=1,4", "--trials", "8"]
    run = ["--task", "parity", "--chips", "2", "--windows", "160", "--platform", "rram_32nm"]
    asked = over + run
    command.main([*asked, "--out", str(tmp_path / "whole"), "--json"])
    whole = json.loads(capsys.readouterr().out)
    calls = []

    def killed(*args, **how):
        calls.append(args)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return sweep_of(*args, **how)

    sweep_of = study.swept
    monkeypatch.setattr(study, "swept", killed)
    with pytest.raises(SystemExit):
        command.main([*asked, "--out", str(tmp_path / "killed")])
    monkeypatch.undo()
    command.main(["--resume", str(tmp_path / "killed"), "--json"])
    again = json.loads(capsys.readouterr().out)
    assert again["front"] == whole["front"]
    one, other = (pq.read_table(tmp_path / name / study.TABLE) for name in ("whole", "killed"))
    assert one.equals(other)
    with pytest.raises(InputError, match="finished"):
        begun(EXPLORATION, tmp_path / "killed")


CELLS = "device.sheet=ecram_mo_kim2019,capacitor_3t1c"
BITS, BATCHES, CODES = "bus.delta_bits=1,3,8", "batch=16,64,256", "synapse.code=product,rademacher"
# After 75 and 300 windows of 1,200 the larger rates lead: of 32 designs the rounds keep a rate of 1
# where 0.3 ends at 62 % and not at 24, and of 3 where 1 ends at 87 % and not at 77.
RATES = "learning.rate=0.05,0.3,1.0,3.0"


@pytest.mark.slow
@pytest.mark.parametrize(
    "over",
    [
        pytest.param([CELLS, BITS, BATCHES, CODES], id="cells"),
        pytest.param([BATCHES, RATES, BITS], id="rates", marks=pytest.mark.xfail(
            raises=AssertionError, strict=True,
            reason="short runs favour rates that are too large for the whole length",
        )),
    ],
)  # fmt: skip
def test_the_front_of_a_small_grid_of_digits_is_found_in_a_quarter_of_its_runs(tmp_path, over):
    config = Config(
        task="digits", chips=4, windows=1200, platform="rram_32nm", log_every=1200,
        learning=LearningConfig(rate=1.0),
    )  # fmt: skip
    place = lambda name: msgspec.structs.replace(config, out=str(tmp_path / name))
    wanted = Exploration(over=over, trials=32, goals=["time", "energy"], is_mixed=True)
    done = explore(place("explored"), wanted)
    assert done.summary["runs_worth"] <= 36 / 4
    every = sweep(place("grid"), Design(over=over)).points
    losses = np.asarray([[-one["accuracy"], one["hardware_seconds"], one["hardware_joules"]]
                         for one in every])  # fmt: skip
    front = [one for one, is_beaten in zip(every, beaten(losses), strict=True) if not is_beaten]
    noise = lambda one, other: 3 * np.hypot(one["accuracy_std"], other["accuracy_std"]) / 2
    price = lambda one: (one["hardware_seconds"], one["hardware_joules"])
    show = lambda rows: [
        (*(row[n] for n in done.names), round(row["accuracy"], 4), round(row["accuracy_std"], 4))
        for row in sorted(rows, key=price)
    ]
    print("grid", *show(front), "explored", *show(done.front), done.summary["runs_worth"], sep="\n")
    no_dearer = lambda one, other: np.all(np.asarray(price(one)) <= price(other))
    for one in front:
        least = [one["accuracy"] - noise(one, other) for other in done.front]
        assert any(other["accuracy"] >= enough and no_dearer(other, one)
                   for other, enough in zip(done.front, least, strict=True))  # fmt: skip
    for other in done.front:
        cheaper = [one for one in every if no_dearer(one, other)]
        assert all(one["accuracy"] <= other["accuracy"] + noise(one, other) for one in cheaper)
