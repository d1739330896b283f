"""Tolerance: a planted threshold is found within its interval; a killed search ends the same."""

import json
import shlex
import shutil

import numpy as np
import pytest
from scipy.special import expit

from neuromgd.cli import tolerate as command
from neuromgd.cli.train import read
from neuromgd.errors import InputError
from neuromgd.options.axes import Span, axes
from neuromgd.options.config import Config
from neuromgd.options.device import DeviceConfig
from neuromgd.options.searches import TOLERANCE
from neuromgd.options.tolerance import Path, Tolerance, pair, paths, today
from neuromgd.plots.page.page import page
from neuromgd.study import part
from neuromgd.study import tolerate as study
from neuromgd.study.findings import findings
from neuromgd.study.listing import listed
from neuromgd.study.part import Part
from neuromgd.study.searches import begun
from neuromgd.study.tolerate import tolerate
from neuromgd.verdict.threshold import Trial, searched, threshold

CURVES = {
    "logistic": lambda beyond: expit(-beyond / 0.05),
    "step": lambda beyond: (beyond <= 0) * 1.0,
    "skewed": lambda beyond: np.exp(-np.log(2) * np.exp(beyond / 0.06)),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("share", [0.5, pytest.param(0.8, marks=pytest.mark.slow)])
def test_a_planted_threshold_is_found_within_its_interval(curve, share):
    draw, yield_at = np.random.default_rng(7), CURVES[curve]
    beyond = np.linspace(-1, 1, 4001)
    shift = beyond[yield_at(beyond) >= share].max()
    found, widths = 0, []
    for _ in range(100):
        middle = draw.uniform(0.25, 0.75)

        def chips(number, places, middle=middle):
            chances = [float(yield_at(np.asarray(place - middle))) for place in places]
            return [Trial(place, int(draw.binomial(8, chance)), 8)
                    for place, chance in zip(places, chances, strict=True)]  # fmt: skip

        at, _ = searched(chips, share, rounds=3, count=6)
        found += at.low <= middle + shift <= at.high
        widths.append(at.high - at.low)
    assert found >= 95
    # Worth having: a tenth of the path, half a decade of five.
    assert np.median(widths) < 0.12


def test_a_threshold_that_was_not_met_lies_beyond_the_path():
    all_pass = [Trial(place, 8, 8) for place in (0.0, 0.5, 1.0)]
    assert threshold(all_pass, 0.5).place > 1
    assert threshold(all_pass, 0.5).low > 0.5
    none_pass = [Trial(place, 0, 8) for place in (0.0, 0.5, 1.0)]
    assert threshold(none_pass, 0.5).place < 0


def test_paths_lead_from_harmless_to_harmful():
    wanted = Tolerance(numbers=["bus.delta_bits", "bus.drop_rate", "device.write_noise=log:1e-3:1"],
                       target=0.8)  # fmt: skip
    bits, drops, noise = paths(Config(), wanted)
    assert [value["bus.delta_bits"] for value in (bits.at(0.0), bits.at(1.0))] == [10, 1]
    assert drops.at(1.0)["bus.drop_rate"] == 1.0
    assert noise.at(0.5)["device.write_noise"] == pytest.approx(0.0316228)
    # Between 3 and 4 bits 4 are tolerable; a noise is what it is.
    assert bits.tolerable(bits.spans[0][1].share(3.4)) == 4
    assert bits.snapped([0.0, 0.01, 1.0]) == [0.0, 1.0]
    assert noise.tolerable(1.2) is None
    assert today(Config(), bits) == 8


def test_the_numbers_of_a_sheet_are_those_that_make_its_cell_worse():
    config = Config(device=DeviceConfig(sheet="reram_es_gong2018"))
    names = [path.name for path in paths(config, Tolerance(numbers=["sheet"], target=0.5))]
    assert "device.update_step" in names
    assert all(today(config, path) for path in
               paths(config, Tolerance(numbers=["sheet"], target=0.5)))  # fmt: skip


def test_a_pair_goes_by_shares_of_both_thresholds():
    noise = Path("bus.cost_noise", (("bus.cost_noise", Span(1e-4, 1.0, True)),))
    bits = Path("bus.delta_bits", (("bus.delta_bits", Span(10.0, 1.0, False)),))
    both = pair(noise, 0.5, bits, 6 / 9)
    share = np.log(1 / 0.1) / np.log(2 / 0.1)  # all of both
    assert both.at(share) == {"bus.cost_noise": pytest.approx(1e-2), "bus.delta_bits": 4}


def planted(own, config, design, points, is_resumed, first_chip=None):
    """Stands for a sweep: chips reach the target up to a noise of 0.1, or down to 4 bits."""
    (axis,) = axes(design.over)
    good = {"bus.cost_noise": lambda value: value <= 0.1, "bus.delta_bits": lambda value: value > 3,
            "bus.drop_rate": lambda value: True}  # fmt: skip
    rows = [{"accuracy": float(good[axis.names[0]](value)), "diverged": False}
            for value in axis.values[0] for _ in range(config.chips)]  # fmt: skip
    return Part({"metric": "accuracy"}, rows)


def test_numbers_may_stand_behind_options():
    words = [
        "bus.drop_rate", "--target", "0.5", "bus.delta_bits", "--device.law", "ideal",
        "device.write_noise=log:1e-3:1", "--ideal", "batch=16,32", "--out", "runs/a.b",
    ]  # fmt: skip
    numbers, given, rest = command.split(words)
    assert numbers == [
        "bus.drop_rate",
        "bus.delta_bits",
        "device.write_noise=log:1e-3:1",
        "batch=16,32",
    ]
    assert given == {"target": "0.5"}
    assert rest == ["--device.law", "ideal", "--ideal", "--out", "runs/a.b"]


def test_a_folder_of_a_search_is_a_page_and_listed(monkeypatch, tmp_path):
    monkeypatch.setattr(study, "swept", planted)
    config = Config(task="parity", chips=8, out=str(tmp_path / "card"))
    wanted = Tolerance(numbers=["bus.cost_noise", "bus.delta_bits", "bus.drop_rate"], target=0.9)
    card = tolerate(config, wanted)
    command.draw(card, config)
    shown, told, *notes = command.tell(card, config)
    assert shown.row_count == 3
    assert told == "tolerable: at least 50 % of chips reach 90.00 % in accuracy"
    assert notes == ["note: bus.drop_rate: tolerable as far as was tried, to 1.0"]
    found = findings(tmp_path / "card")
    assert (found.kind, found.state) == ("tolerance search", "finished")
    assert found.card.rows == card.rows
    text = page([found], "1")
    assert 'role="img"' in text
    assert "Tolerable: at least 50 % of chips reach 90.00 % in accuracy" in text
    assert "tolerable as far as was tried" in text
    assert "&lt;" not in found.command
    # The command of the page asks for the same again.
    _, _, *words = shlex.split(found.command)
    numbers, given, rest = command.split(words)
    assert command.asked(numbers, given) == wanted
    assert read(rest, "tolerate").chips == 8
    (one,) = listed(tmp_path)
    assert (one.kind, one.task, one.state) == ("tolerance search", "parity", "finished")
    with pytest.raises(InputError, match="the search is finished"):
        begun(TOLERANCE, tmp_path / "card")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["bus.cost_noise"], "--target 0.85"),
        (["bus.cost_nois", "--target", "1"], "did you mean bus.cost_noise"),
        (["--target", "1"], "name at least one"),
        (["synapse.code", "--target", "1"], "expected a number"),
        (["bus.delta_bits", "--target", "1", "--yield", "1"], "between 0 and 1"),
        (["bus.delta_bits=lin:30:1", "--target", "1"], "delta_bits = 30"),
        (["synapse.accumulator_bits", "--target", "1"], "accumulator_range"),
    ],
)
def test_what_cannot_be_searched_is_refused(arguments, reason, tmp_path):
    with pytest.raises(InputError, match=reason):
        command.main([*arguments, "--task", "parity", "--out", str(tmp_path / "run")])


@pytest.mark.slow
def test_a_killed_search_goes_on_to_the_same_card(tmp_path, monkeypatch, capsys):
    asked = ["bus.cost_noise", "bus.delta_bits", "--paired", "--target", "0.7", "--rounds", "2",
             "--places", "3", "--task", "parity", "--chips", "4", "--windows", "300"]  # fmt: skip
    command.main([*asked, "--out", str(tmp_path / "whole"), "--json"])
    whole = json.loads(capsys.readouterr().out)
    assert {row["number"] for row in whole["card"][:2]} == {"bus.cost_noise", "bus.delta_bits"}
    # What a kill leaves behind: one number done, and nothing told of the other.
    killed = shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    (killed / "summary.json").unlink()
    shutil.rmtree(killed / "bus.delta_bits")
    for path in killed.glob("*_and_*"):
        shutil.rmtree(path)
    calls = []
    monkeypatch.setattr(part, "sweep", lambda *args, _run=part.sweep, **how:
                        calls.append(args) or _run(*args, **how))  # fmt: skip
    config, wanted = begun(TOLERANCE, killed)
    again = tolerate(config, wanted, is_resumed=True)
    assert len(calls) >= 2, "what was done is not done again"
    assert again.rows == whole["card"]
    assert again.summary["trials"] == whole["trials"]
    with pytest.raises(InputError, match="finished"):
        begun(TOLERANCE, killed)
