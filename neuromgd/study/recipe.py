"""A recipe: what makes a memory cell learn a task, found by successive halving.

Many candidates are trained for a short time, the best third of them three times as long, the best
third of those for the whole length. Chips of one round that share a program run in it side by side.
They are judged on samples of the training set that they do not learn from; the test set is seen by
the winner alone.

References:
    Jamieson and Talwalkar, AISTATS 51, 240 (2016): successive halving.
"""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.errors import InputError
from neuromgd.fleet.engines import refuse_engine
from neuromgd.fleet.processes import telling_of_losses
from neuromgd.options.config import Config
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.read import checked, to_toml, with_platform
from neuromgd.options.recipe import Candidate, candidates
from neuromgd.plan.plan import Plan, plan
from neuromgd.study.folder import CHECKPOINTS, MARK, SUMMARY, reserved
from neuromgd.study.run import run
from neuromgd.study.sweep import joined
from neuromgd.study.train import train
from neuromgd.study.trained import Run

# A round has a third of the candidates of the one before, and trains them three times as long.
CUT, ROUNDS = 3, 3
# Chips of a candidate, and the share of the training samples that judges them.
CHIPS, HELD_OUT = 2, 6
STATE, RECIPE = "search.json", "recipe.toml"

Watch = Callable[[str], None]


class Tried(NamedTuple):
    """One candidate after one round: what it reached on the samples held out."""

    candidate: Candidate
    windows: int
    score: float


class Found(NamedTuple):
    """A finished search.

    Attributes:
        folder: Where it was written.
        best: The winner.
        tried: All candidates of all rounds.
        run: The winner, trained on all samples and tested.
        ideal: The same with cells that take what they are asked for.
        backprop: The same network trained by backpropagation.
    """

    folder: Path
    best: Candidate
    tried: list[Tried]
    run: Run
    ideal: Run
    backprop: Run


@telling_of_losses()
def recipe(
    config: Config,
    budget: int,
    watch: Watch = lambda text: None,
    is_resumed: bool = False,
    may_overwrite: bool = False,
) -> Found:
    """Finds what makes a memory cell learn a task, within a number of chip-windows.

    Args:
        config: Cell, task, network, code, hold times, and the length of the winner's run.
        budget: Windows, times chips, that the search may take; the winner's test comes on top. One
            that goes on has that of its beginning.
        watch: Called with what is being done.
        is_resumed: Whether the search in the folder goes on.
        may_overwrite: Whether a finished search in the folder may be overwritten.

    Raises:
        InputError: If the budget is too small, or the configuration cannot be run.
    """
    config = checked(with_platform(checked(config)))
    _refuse(config)
    with reserved(config, is_resumed, may_overwrite) as config:
        folder = Path(str(config.out))
        search = Search(config, folder, plan(config), watch)
        budget, known = search.begun(budget, is_resumed)
        tried = search.halved(budget, known)
        best = _best(tried, search.is_higher_better)
        winner = best.over(config, search.first.windows, config.chips)
        runs = {
            "winner": winner,
            "ideal": msgspec.structs.replace(winner, device=IDEAL_CELL),
            "backprop": _by_backprop(winner),
        }
        done = {name: search.tested(name, one) for name, one in runs.items()}
    (folder / RECIPE).write_text(to_toml(msgspec.structs.replace(winner, out=None)))
    found = Found(folder, best, tried, done["winner"], done["ideal"], done["backprop"])
    (folder / SUMMARY).write_text(json.dumps(told(found), indent=2))
    return found


def _refuse(config: Config) -> None:
    """Raises InputError if the search would not go by what is asked."""
    refuse_engine(config, is_sweep=True)
    for name in ("write_threshold", "write_threshold_pulses"):
        if getattr(config.device, name) is not None:
            raise InputError(f"option device.{name}: is what a search for a recipe finds")
    if config.baseline or config.shard_arrays:
        name = "baseline" if config.baseline else "shard_arrays"
        raise InputError(f"option {name}: a search for a recipe trains many chips of cells")


def told(found: Found) -> dict[str, Any]:
    """Returns what a search came to, as plain values."""
    summary = found.run.summary
    metric = summary["metric"]
    return {
        "recipe": found.best._asdict(),
        "metric": metric,
        metric: summary[metric],
        "ideal": found.ideal.summary[metric],
        "backprop": found.backprop.summary[metric],
        "writes_per_synapse": summary["writes_per_synapse"],
        "local_memory": summary["local_memory"],
        "hardware_seconds": summary["hardware_seconds"],
        "hardware_joules": summary["hardware_joules"],
        "limits": summary["explanations"],
        "tried": [
            one.candidate._asdict() | {"windows": one.windows, "score": one.score}
            for one in found.tried
        ],
    }


class Search:
    """One search: what all its candidates share, and where they are written."""

    def __init__(self, config: Config, folder: Path, first: Plan, watch: Watch):
        self.config, self.folder, self.first, self.watch = config, folder, first, watch
        self.data = held_out(first.data, config.seed)
        self.is_higher_better = first.metric.is_higher_better

    def halved(self, budget: int, known: dict[str, list[float]]) -> list[Tried]:
        """Returns all candidates of all rounds, the last round last."""
        whole = self.first.windows
        # Every round takes as long: a third of the candidates, for three times the windows.
        last, each = budget // (ROUNDS * CHIPS), CUT ** (ROUNDS - 1)
        count = each * last // whole
        if count < each:
            least = ROUNDS * CHIPS * whole
            raise InputError(
                f"option budget = {budget:,}: a search needs {least:,} chip-windows, so that one"
                f" candidate is left for the last {whole:,} windows"
            )
        rate = float(self.first.params.synapse.learning_rate)
        left, tried = candidates(self.config, rate, count), []
        for number in range(ROUNDS):
            windows = max(1, round(whole / CUT ** (ROUNDS - 1 - number)))
            now = []
            for has_residue in (False, True):
                some = [one for one in left if one.has_residue == has_residue]
                name = f"round{number + 1}_{'residue' if has_residue else 'at_once'}"
                if some and name not in known:
                    self.watch(f"round {number + 1} of {ROUNDS}: {len(some)} candidates, {name}")
                    known[name] = self._scores(name, some, windows)
                    self._keep(budget, known)
                now += [Tried(*one) for one in zip(
                    some, [windows] * len(some), known.get(name, []), strict=True
                )]  # fmt: skip
            tried += now
            order = sorted(now, key=lambda one: self._rank(one.score), reverse=True)
            left = [one.candidate for one in order[: max(1, len(order) // CUT)]]
        return tried

    def tested(self, name: str, config: Config) -> Run:
        """Trains on all samples and tests; goes on with what an interrupted search left."""
        self.watch(f"testing: {name}")
        config, is_resumed = self._placed(name, config)
        return train(config, is_resumed=is_resumed, may_overwrite=True)

    def begun(self, budget: int, is_resumed: bool) -> tuple[int, dict[str, list[float]]]:
        """Returns the budget, and the scores of the rounds that are finished.

        Raises:
            InputError: If there is no search to go on with.
        """
        path = self.folder / STATE
        if is_resumed:
            try:
                kept = json.loads(path.read_text())
                return int(kept["budget"]), dict(kept["scores"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}: no search to go on with: {error}") from error
        (self.folder / MARK).touch()
        (self.folder / "config.toml").write_text(
            to_toml(msgspec.structs.replace(self.config, out=None)), encoding="utf-8"
        )
        self._keep(budget, {})
        return budget, {}

    def _keep(self, budget: int, scores: dict[str, list[float]]) -> None:
        path = self.folder / STATE
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"budget": budget, "scores": scores}), encoding="utf-8")
        beside.replace(path)

    def _scores(self, name: str, some: list[Candidate], windows: int) -> list[float]:
        """Trains candidates that share a program, and returns what each reached."""
        points = [checked(one.over(self.config, windows, CHIPS)) for one in some]
        config, is_resumed = self._placed(name, points[0])
        with reserved(config, is_resumed, may_overwrite=True) as config:
            todo = joined(points, ["the recipe"], loaded=self.data)
            rows = run(config, todo, [], lambda *_: None, is_resumed, may_diverge=True).folder.rows
        chips = np.asarray(rows[-1].score_per_chip, float).reshape(len(some), CHIPS)
        return [float(score) for score in chips.mean(1)]

    def _placed(self, name: str, config: Config) -> tuple[Config, bool]:
        """Returns the run in its own folder, and whether it was begun there and not finished."""
        own = self.folder / name
        checkpoints = own / CHECKPOINTS
        begun = checkpoints.is_dir() and any(one.name.isdigit() for one in checkpoints.iterdir())
        is_resumed = begun and not (own / SUMMARY).exists()
        return msgspec.structs.replace(config, out=str(own)), is_resumed

    def _rank(self, score: float) -> float:
        if not math.isfinite(score):
            return -math.inf
        return score if self.is_higher_better else -score


def held_out(data: Dataset, seed: int) -> Dataset:
    """Returns data whose test samples are some of the training samples, drawn by the seed."""
    order = np.random.default_rng(seed).permutation(len(data.train_x))
    judges, learnt = np.split(order, [max(1, len(order) // HELD_OUT)])
    if not len(learnt):
        raise InputError(f"task {data.name}: one sample is too few to hold any out")
    return dataclasses.replace(
        data,
        train_x=data.train_x[learnt],
        train_y=data.train_y[learnt],
        test_x=data.train_x[judges],
        test_y=data.train_y[judges],
    )


def _best(tried: list[Tried], is_higher_better: bool) -> Candidate:
    last = [one for one in tried if one.windows == tried[-1].windows]
    sound = [one for one in last if math.isfinite(one.score)]
    if not sound:
        raise InputError("no candidate stayed finite; give a smaller learning.rate to start from")
    best = max if is_higher_better else min
    return best(sound, key=lambda one: one.score).candidate


def _by_backprop(config: Config) -> Config:
    """Returns the same network, data and length for backpropagation, at the task's own rate."""
    default = Config()
    return msgspec.structs.replace(
        config, baseline="backprop", platform=None, device=IDEAL_CELL, synapse=default.synapse,
        bus=default.bus, array=default.array, learning=default.learning, ideal=True,
    )  # fmt: skip
