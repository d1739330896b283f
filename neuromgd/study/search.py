"""Successive halving: many candidates for a short time, the best of them longer.

Many candidates are trained for a short time, the best third of them three times as long, the best
third of those for the whole length. Chips of one round that share a program run in it side by side.

References:
    Jamieson and Talwalkar, AISTATS 51, 240 (2016): successive halving.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypedDict

import jax.numpy as jnp
import msgspec
import numpy as np
from jaxtyping import Float

from neuromgd import disk
from neuromgd.data.dataset import Dataset
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.read import checked, write_config
from neuromgd.options.recipe import (
    Candidate,
    Places,
    Start,
    at_once,
    places,
    with_residue,
    with_two_cells,
)
from neuromgd.plan.plan import Plan
from neuromgd.study.ensemble import is_begun, joined, prepared
from neuromgd.study.folder import SUMMARY, reserved, telling_of_storage
from neuromgd.study.run import run
from neuromgd.study.told import as_json, read_summary
from neuromgd.study.train import train
from neuromgd.study.trained import Run
from neuromgd.verdict.remedy import remedy
from neuromgd.verdict.requests import sound_delta_cost
from neuromgd.verdict.row import column
from neuromgd.verdict.technologies import first_weights

# A round has a third of the candidates of the one before, and trains them three times as long.
CUT, ROUNDS = 3, 3
# Chips of a candidate, and the share of the training samples that judges them.
CHIPS, HELD_OUT = 2, 6
STATE = "search.json"

Watch = Callable[[str], None]


class Round(TypedDict):
    """What those that share a program reached in a round, and the mean |ΔC|."""

    scores: list[float]
    delta_cost: float


class Tried(NamedTuple):
    """One candidate after one round: what it reached on the samples held out."""

    candidate: Candidate
    number: int
    windows: int
    score: float


def candidates(budget: int, whole: int) -> int:
    """Returns how many candidates a budget begins with.

    Every round takes as long: a third of the candidates, for three times the windows.

    Args:
        budget: Windows, times chips, that the search may take.
        whole: Windows of the last round.

    Raises:
        InputError: If none would be left for the last round.
    """
    last, each = budget // (ROUNDS * CHIPS), CUT ** (ROUNDS - 1)
    count = each * last // whole
    if count < each:
        least = ROUNDS * CHIPS * whole
        raise InputError(
            f"option budget = {budget:,}: a search needs {least:,} chip-windows, so that one"
            f" candidate is left for the last {whole:,} windows"
        )
    return count


class Search:
    """One search: what all its candidates share, and where they are written."""

    def __init__(
        self, config: Config, folder: Path, first: Plan, watch: Watch, fast: str | None = None
    ):
        self.config, self.folder, self.first, self.watch = config, folder, first, watch
        self.fast = fast
        self.data = held_out(first.data, config.seed)
        self.is_higher_better = first.metric.is_higher_better
        synapse = first.params.synapse
        own = synapse.node_amplitude
        self.start = Start(
            float(synapse.learning_rate),
            first.windows,
            float(synapse.amplitude),
            None if own is None else float(own),
        )

    def halved(self, budget: int, known: dict[str, Round]) -> list[Tried]:
        """Returns all candidates of all rounds, the last round last."""
        whole = self.first.windows
        count = candidates(budget, whole)
        now, left, tried = *self._first(budget, known, count), []
        for number in range(ROUNDS):
            windows = max(1, round(whole / CUT ** (ROUNDS - 1 - number)))
            now = now + self._round(budget, known, number, left, windows)
            tried += now
            order = sorted(now, key=lambda one: self._rank(one.score), reverse=True)
            now, left = [], [one.candidate for one in order[: max(1, len(order) // CUT)]]
        return tried

    def _first(
        self, budget: int, known: dict[str, Round], count: int
    ) -> tuple[list[Tried], list[Candidate]]:
        """Returns the quarter of the first candidates that is run here, and the others.

        A quarter writes at once: its |ΔC| says how long requests are, and so from which threshold
        on a residue errs by the least. The others keep one, or write at once as well where none
        errs by less; where there is a fast cell to stand beside, every other has two cells instead.
        """
        at = places(self.config, self.start.rate, count)
        quarter = max(1, count // 4)
        some = at_once(self.config, Places(*(one[:quarter] for one in at)))
        windows = max(1, round(self.first.windows / CUT ** (ROUNDS - 1)))
        tried = self._round(budget, known, 0, some, windows, "first")
        heard = [known[f"first_{one.group}"]["delta_cost"] for one in some]
        delta_cost = float(np.mean([one for one in heard if math.isfinite(one)] or [0.0]))
        rest = Places(*(one[quarter:] for one in at))
        others = []
        if self.fast is not None:
            others = with_two_cells(Places(*(one[::2] for one in rest)), self.fast)
            rest = Places(*(one[1::2] for one in rest))
        if remedy(self.first, delta_cost, self.weights) is None:
            return tried, others + at_once(self.config, rest)
        best = lambda rate: self._best_threshold(delta_cost, rate)
        return tried, others + with_residue(rest, best)

    @functools.cached_property
    def weights(self) -> Float[np.ndarray, " synapses"]:
        """(synapses,) first weights [w.u.]."""
        return first_weights(self.first)

    def _best_threshold(self, delta_cost: float, rate: float) -> tuple[float | None, float]:
        # A kick k times as large changes the cost k times as much: the estimate stays.
        synapse = self.first.params.synapse.replace(learning_rate=jnp.float32(rate))
        made = self.first._replace(params=self.first.params.replace(synapse=synapse))
        found = remedy(made, delta_cost, self.weights)
        assert found is not None
        return found.pulses, found.threshold

    def _round(
        self,
        budget: int,
        known: dict[str, Round],
        number: int,
        left: list[Candidate],
        windows: int,
        named: str | None = None,
    ) -> list[Tried]:
        """Returns what every candidate reached; those that share a program run side by side."""
        scores: dict[Candidate, float] = {}
        for group in dict.fromkeys(one.group for one in left):
            some = [one for one in left if one.group == group]
            name = f"{named or f'round{number + 1}'}_{group}"
            if name not in known:
                self.watch(f"round {number + 1} of {ROUNDS}: {len(some)} candidates, {group}")
                known[name] = self._trained(name, some, windows)
                self._keep(budget, known)
            scores |= dict(zip(some, known[name]["scores"], strict=True))
        return [Tried(one, number, windows, scores[one]) for one in left]

    def tested(self, name: str, config: Config) -> Run:
        """Trains on all samples and tests; goes on with what an interrupted search left."""
        self.watch(f"testing: {name}")
        config, is_resumed = self._placed(name, config)
        return train(config, is_resumed=is_resumed, may_overwrite=True)

    def begun(self, budget: int, is_resumed: bool) -> tuple[int, dict[str, Round]]:
        """Returns the budget, and what the rounds that are finished came to.

        Raises:
            InputError: If there is no search to go on with.
        """
        path = self.folder / STATE
        if is_resumed:
            try:
                kept = read_summary(path)
                self.fast = kept["fast"]
                return int(kept["budget"]), dict(kept["rounds"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}: no search to go on with: {error}") from error
        with telling_of_storage(self.folder):
            write_config(self.folder, self.config)
        self._keep(budget, {})
        return budget, {}

    def _keep(self, budget: int, rounds: dict[str, Round]) -> None:
        state = {"budget": budget, "fast": self.fast, "rounds": rounds}
        with telling_of_storage(self.folder):
            disk.write(self.folder / STATE, as_json(state))

    def _trained(self, name: str, some: list[Candidate], windows: int) -> Round:
        """Trains candidates that share a program, and returns what each reached."""
        points = [checked(one.over(self.config, self.start, windows, CHIPS)) for one in some]
        config, is_resumed = self._placed(name, points[0])
        with reserved(config, is_resumed, may_overwrite=True) as config:
            todo = joined(prepared(points, loaded=self.data), CHIPS)
            ran = run(config, todo, [], lambda *_: None, is_resumed, may_diverge=True)
        rows, full_scale = ran.folder.rows, ran.chips.traits.delta_range
        full_scale = None if full_scale is None else float(np.mean(np.asarray(full_scale)))
        chips = np.asarray(rows[-1].score_per_chip, float).reshape(len(some), CHIPS)
        scores = [float(score) for score in chips.mean(1)]
        sound = sound_delta_cost(self.first, full_scale, column(rows, "delta_cost").tolist())
        return {"scores": scores, "delta_cost": sound}

    def _placed(self, name: str, config: Config) -> tuple[Config, bool]:
        """Returns the run in its own folder, and whether it was begun there and not finished."""
        own = self.folder / name
        is_resumed = is_begun(own) and not (own / SUMMARY).exists()
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


def best_of(tried: list[Tried], is_higher_better: bool) -> Candidate:
    """Returns the best of the last round.

    Raises:
        InputError: If none stayed finite.
    """
    last = [one for one in tried if one.number == tried[-1].number]
    sound = [one for one in last if math.isfinite(one.score)]
    if not sound:
        raise InputError("no candidate stayed finite; give a smaller learning.rate to start from")
    best = max if is_higher_better else min
    return best(sound, key=lambda one: one.score).candidate
