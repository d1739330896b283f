"""A search for a recipe: what is tried, who is left, who judges, and that it goes on."""

import json
import math

import msgspec
import numpy as np
import pytest

from neuromgd.cli.devices import main
from neuromgd.errors import InputError
from neuromgd.options.config import Config, SynapseConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.read import checked, from_file
from neuromgd.options.recipe import (
    KICK_SPAN,
    MORE_PRESENTATIONS,
    RATE_SPAN,
    THRESHOLD_SPAN,
    Candidate,
    Start,
    at_once,
    places,
    with_residue,
    with_two_cells,
)
from neuromgd.plan.plan import plan
from neuromgd.study import recipe as study
from neuromgd.study.recipe import RECIPE
from neuromgd.study.search import CHIPS, HELD_OUT, Search, best_of, held_out

WHOLE = 18
CONFIG = checked(Config(task="parity", windows=WHOLE, device=DeviceConfig(sheet="fefet_jerry2017")))
BUDGET = 12 * WHOLE  # so that 18 candidates are tried


START = Start(0.1, 80, 0.02)


def test_places_are_spread_over_rates_kicks_and_thresholds():
    found = places(CONFIG, 0.1, 64)
    for values, span in (
        (np.array(found.rates) / 0.1, RATE_SPAN),
        (np.array(found.kicks), KICK_SPAN),
        (np.array(found.factors), THRESHOLD_SPAN),
    ):
        logs = np.log(values) / math.log(span)
        assert np.abs(logs).max() <= 1
        assert np.histogram(logs, 4, (-1, 1))[0].min() >= 8


@pytest.mark.parametrize(("best", "is_stepped"), [((3.0, 0.1), True), ((None, 0.1), False)])
def test_thresholds_lie_about_the_best_in_pulses_where_a_cell_has_steps(best, is_stepped):
    at = places(CONFIG, 0.1, 16)
    for one, factor in zip(with_residue(at, lambda rate: best), at.factors, strict=True):
        assert one.has_residue
        assert one.pulses == (max(0.5, 3 * factor) if is_stepped else None)
        assert one.weight == (None if is_stepped else 0.1 * factor)


def test_every_other_that_writes_at_once_does_so_more_rarely():
    held = checked(msgspec.structs.replace(CONFIG, tau_update=4, tau_perturbation=1))
    found = at_once(held, places(held, 0.1, 4))
    assert [one.presentations for one in found] == [1, MORE_PRESENTATIONS] * 2
    done = [one.over(held, START, 80, 2) for one in found[:2]]
    assert [(one.tau_update, one.windows) for one in done] == [(4, 80), (32, 10)]
    # A batch stays as it is.
    batch = msgspec.structs.replace(CONFIG, batch=4)
    assert {one.presentations for one in at_once(batch, places(batch, 0.1, 4))} == {1}


def test_a_kick_is_over_that_of_the_start():
    done = Candidate(0.3, kick=2.0).over(CONFIG, START, 8, 2)
    assert (done.synapse.amplitude, done.synapse.node_amplitude) == (0.04, None)
    done = Candidate(0.3, kick=0.5).over(CONFIG, Start(0.1, 80, 0.02, 0.3), 80, 2)
    assert (done.synapse.amplitude, done.synapse.node_amplitude) == (0.01, 0.15)


def test_two_cells_have_the_cell_as_the_slow_one():
    found = with_two_cells(places(CONFIG, 0.1, 16), "capacitor_li2018")
    assert min(one.share for one in found) < 0.08
    assert 0.6 < max(one.share for one in found) <= 1
    done = checked(found[0].over(CONFIG, START, 80, 2))
    assert done.device.sheet == "capacitor_li2018"
    assert (done.transfer.device, done.transfer.share) == ("fefet_jerry2017", found[0].share)
    assert done.transfer.verified
    assert not done.synapse.residue


def test_a_fast_cell_takes_every_other_place_of_those_that_do_not_write_at_once(
    search, monkeypatch
):
    search.fast = "capacitor_li2018"
    planted(search, monkeypatch, lambda one: one.rate)
    first = [one.candidate for one in search.halved(BUDGET, {}) if one.number == 0]
    groups = [one.group for one in first]
    assert (groups.count("residue"), groups.count("two_cells"), len(groups)) == (7, 7, 18)
    search.begun(BUDGET, is_resumed=False)
    search.fast = None
    search.begun(BUDGET, is_resumed=True)
    assert search.fast == "capacitor_li2018"


@pytest.fixture
def search(tmp_path):
    return Search(CONFIG, tmp_path, plan(CONFIG), lambda text: None)


def planted(search, monkeypatch, score):
    rounds = []

    def trained(name, some, windows):
        rounds.append((name, len(some), windows))
        return {"scores": [score(one) for one in some], "delta_cost": 0.02}

    monkeypatch.setattr(search, "_trained", trained)
    return rounds


def test_every_round_has_a_third_of_the_candidates_for_three_times_as_long(search, monkeypatch):
    best = 0.37
    rounds = planted(search, monkeypatch, lambda one: -abs(math.log(one.rate / best)))
    tried = search.halved(BUDGET, {})
    assert {name for name, *_ in rounds[:2]} == {"first_at_once_1", "round1_residue"}
    counts = {}
    for _, count, windows in rounds:
        counts[windows] = counts.get(windows, 0) + count
    assert counts == {2: 18, 6: 6, 18: 2}
    assert sum(windows * count * CHIPS for windows, count in counts.items()) <= BUDGET
    first = [one.candidate for one in tried if one.windows == 2]
    nearest = min(first, key=lambda one: abs(math.log(one.rate / best)))
    assert best_of(tried, True) == nearest


def test_cells_that_no_residue_helps_are_all_written_at_once(tmp_path, monkeypatch):
    free = DeviceConfig(law="linear", update_step=0.01)  # no bounds
    config = checked(Config(task="parity", windows=WHOLE, device=free, ideal=True))
    search = Search(config, tmp_path, plan(config), lambda text: None)
    rounds = planted(search, monkeypatch, lambda one: one.rate)
    first = [one.candidate for one in search.halved(BUDGET, {}) if one.number == 0]
    assert [name for name, *_ in rounds[:2]] == ["first_at_once_1", "round1_at_once_1"]
    assert len(first) == len(set(first)) == 18
    assert {one.group for one in first} == {"at_once_1"}


def test_what_is_not_finite_is_never_left_over_and_less_may_be_better(search, monkeypatch):
    search.is_higher_better = False
    planted(search, monkeypatch, lambda one: one.rate if one.has_residue else math.nan)
    tried = search.halved(BUDGET, {})
    best = best_of(tried, False)
    assert best.rate == min(one.candidate.rate for one in tried if one.candidate.has_residue)
    planted(search, monkeypatch, lambda one: math.nan)
    with pytest.raises(InputError, match="no candidate stayed finite"):
        best_of(search.halved(BUDGET, {}), False)


def test_an_interrupted_search_goes_on_with_the_rounds_it_had(search, monkeypatch):
    rounds = planted(search, monkeypatch, lambda one: one.rate)
    whole = search.halved(BUDGET, {})
    budget, known = search.begun(1, is_resumed=True)
    assert budget == BUDGET
    assert known.keys() == {name for name, *_ in rounds}
    kept = dict(list(known.items())[:2])
    rounds.clear()
    assert search.halved(BUDGET, kept) == whole
    assert {windows for _, _, windows in rounds} == {6, 18}


def test_a_budget_that_is_too_small_says_what_it_takes_and_leaves_no_folder(tmp_path):
    config = msgspec.structs.replace(CONFIG, out=str(tmp_path / "none"))
    with pytest.raises(InputError, match=rf"a search needs {3 * CHIPS * WHOLE} chip-windows"):
        study.recipe(config, 3 * CHIPS * WHOLE - 1)
    assert not (tmp_path / "none").exists()


def test_those_who_judge_are_training_samples_that_are_not_learnt_from():
    data = plan(checked(Config(task="nist7x7", windows=2))).data
    apart = held_out(data, 3)
    both = np.concatenate([apart.train_x, apart.test_x])
    assert len(both) == len(data.train_x)
    rows = lambda x: np.sort(x.reshape(len(x), -1) @ np.arange(1, x[0].size + 1))
    np.testing.assert_array_equal(rows(both), rows(data.train_x))
    assert len(apart.test_x) == len(data.train_x) // HELD_OUT
    np.testing.assert_array_equal(held_out(data, 3).test_y, apart.test_y)


def test_a_candidate_keeps_all_but_what_it_says():
    done = Candidate(0.3, has_residue=True, pulses=4.0).over(CONFIG, START, 5, 2)
    assert (done.synapse.residue, done.windows, done.chips) == (True, 5, 2)
    assert done.learning.rate == pytest.approx(0.3 * 4), "of a sixteenth of the whole run"
    assert done.device.write_threshold_pulses == 4.0
    assert done.device.sheet == "fefet_jerry2017"


def test_a_recipe_is_of_a_cell_that_is_named_first():
    with pytest.raises(InputError, match="devices recipe: name the cell first"):
        main(["recipe", "--task", "parity", "fefet_jerry2017"])


def test_nothing_to_go_on_with_is_told(search):
    with pytest.raises(InputError, match="no search to go on with"):
        search.begun(1, is_resumed=True)
    assert search.begun(5, is_resumed=False) == (5, {})
    assert search.begun(1, is_resumed=True) == (5, {})
    with pytest.raises(InputError, match="has its cell already"):
        main(["recipe", "fefet_jerry2017", "--resume", "anywhere"])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"device": DeviceConfig(sheet="fefet_jerry2017", write_threshold=0.1)}, "write_threshold"),
        ({"baseline": "backprop"}, "baseline"),
        ({"shard_arrays": True, "chips": 1}, "shard_arrays"),
    ],
)
def test_what_a_search_would_not_go_by_is_refused(options, named, tmp_path):
    config = msgspec.structs.replace(CONFIG, out=str(tmp_path / "search"), **options)
    if named == "baseline":
        config = msgspec.structs.replace(Config(task="parity", windows=9, **options))
    with pytest.raises(InputError, match=named):
        study.recipe(config, BUDGET)


def test_a_cell_with_options_of_its_own_has_no_fast_one(tmp_path):
    own = DeviceConfig(sheet="fefet_jerry2017", update_noise=0.1)
    config = msgspec.structs.replace(CONFIG, out=str(tmp_path / "search"), device=own)
    with pytest.raises(InputError, match="option fast: the cell beside it"):
        study.recipe(config, BUDGET, fast="capacitor_li2018")


def test_a_circuit_that_is_known_is_that_of_those_who_keep_a_residue():
    circuit = SynapseConfig(residue=True, residue_bits=6, residue_range=1.0)
    known = checked(msgspec.structs.replace(CONFIG, synapse=circuit))
    kept, at_once = (
        checked(Candidate(0.1, has_residue=has).over(known, START, 4, 2)).synapse
        for has in (True, False)
    )
    assert (kept.residue, kept.residue_bits) == (True, 6)
    assert (at_once.residue, at_once.residue_bits, at_once.residue_range) == (False, None, None)


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ([], {"windows": 1000, "tau_update": 128, "batch": None}),
        (["--epochs", "2"], {"windows": None, "epochs": 2.0, "tau_update": 128}),
        (["--steps=256"], {"windows": None, "steps": 256}),
        (["--batch", "8"], {"windows": 1000, "batch": 8, "tau_update": None}),
    ],
)
def test_options_replace_what_a_search_starts_from(arguments, left, monkeypatch):
    asked = []
    monkeypatch.setattr(study, "recipe", lambda config, *_: asked.append(config) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["recipe", "fefet_jerry2017", "--task", "parity", *arguments])
    assert left.items() <= msgspec.structs.asdict(asked[0]).items()
    checked(asked[0])


@pytest.mark.slow
def test_the_command_writes_a_recipe_that_trains(tmp_path, capsys):
    out = tmp_path / "search"
    arguments = ["--task", "parity", "--windows", "18", "--out", str(out), "--json"]
    main(["recipe", "fefet_jerry2017", *arguments])
    told = json.loads(capsys.readouterr().out)
    assert {"recipe", "accuracy", "ideal", "backprop", "local_memory", "limits"} <= told.keys()
    again = msgspec.structs.replace(from_file(out / RECIPE), out=str(tmp_path / "again"))
    from neuromgd.study.train import train

    assert train(again).summary["accuracy"] == told["accuracy"]
    main(["recipe", "--resume", str(out), "--json"])
    assert json.loads(capsys.readouterr().out)["accuracy"] == told["accuracy"]
