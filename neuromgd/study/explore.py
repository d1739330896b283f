"""Exploration: which designs of many no other one beats, found by many short runs and few long.

All designs that are looked at train for a short time, the best of them longer, and some of those
for the whole length. Time and energy of a whole run are known beforehand, by the clock alone.

References:
    Schmucker, Donini, Zafar, Salinas and Archambeau, arXiv:2106.12639 (2021): successive halving
    by several goals.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from neuromgd import disk
from neuromgd.data.metrics.metric import Metric
from neuromgd.errors import InputError
from neuromgd.fleet.engines import refuse_engine
from neuromgd.fleet.memory import telling_of_memory
from neuromgd.options.axes import axes
from neuromgd.options.config import Config
from neuromgd.options.exploration import LENGTHS, Exploration, goals, on_one_axis, refuse
from neuromgd.options.grid import Design
from neuromgd.options.read import to_toml
from neuromgd.options.searches import EXPLORATION
from neuromgd.study.candidates import Candidate, Candidates, Looked
from neuromgd.study.explored import columns_of, front_of, losses, row_of
from neuromgd.study.folder import telling_of_storage
from neuromgd.study.part import swept
from neuromgd.study.proposals import proposed
from neuromgd.study.searches import searching, summarise
from neuromgd.study.table_file import write_rows
from neuromgd.verdict.pareto import best

TABLE = str(EXPLORATION.table)
POINTS = "points"
# Of every round: the share of the whole length, and of all designs. Together they take a quarter
# of the runs that all designs would: 1/16 + 1/16 + 1/8.
ROUNDS = ((1 / 16, 1.0), (1 / 4, 1 / 4), (1.0, 1 / 8))
# Of the first round: half of the designs by chance, then what they taught, twice.
BATCHES = (1 / 2, 3 / 4, 1.0)
# Rows of the history of a short run.
ROWS = 10

Watch = Callable[[str], None]


class Explored(NamedTuple):
    """A finished exploration.

    Attributes:
        folder: Where it was written.
        wanted: What was asked.
        metric: What was measured.
        goals: What was to be small beside it.
        names: Of the options that were varied.
        table: One row a design: the options by name, how far it came, the metric with its 95 %
            interval, time, energy, writes, whether it is on the front, and the reason if not.
        front: The rows that no other one beats, the best by the metric first.
        summary: What ``summary.json`` holds.
    """

    folder: Path
    wanted: Exploration
    metric: Metric
    goals: tuple[str, ...]
    names: list[str]
    table: list[dict[str, Any]]
    front: list[dict[str, Any]]
    summary: dict[str, Any]


@telling_of_memory()
def explore(
    config: Config,
    wanted: Exploration,
    watch: Watch = lambda text: None,
    is_resumed: bool = False,
    may_overwrite: bool = False,
) -> Explored:
    """Finds the designs that no other one beats in metric, time, energy and wear at once.

    Args:
        config: What all designs have in common; each trains ``chips`` chips.
        wanted: What is varied, and what is to be small.
        watch: Called with what is being done.
        is_resumed: Whether the exploration in the folder goes on.
        may_overwrite: Whether a finished one in the folder may be overwritten.

    Raises:
        InputError: If an axis cannot be read, no design can be run, or Optuna is missing.

    Example:
        >>> from tempfile import mkdtemp
        >>> wanted = Exploration(over=["synapse.code=walsh,sequential"], trials=2)
        >>> done = explore(Config(task="parity", windows=64, chips=2, out=mkdtemp()), wanted)
        >>> sorted(row["synapse.code"] for row in done.table)
        ['sequential', 'walsh']
    """
    start = time.perf_counter()
    refuse(wanted)
    refuse_engine(config, is_sweep=True)
    if config.shard_arrays or config.baseline:
        raise InputError("option shard_arrays, baseline: an exploration trains many chips")
    along = axes(wanted.over)
    small = goals(config, wanted, along)
    with searching(
        EXPLORATION, config, wanted, wanted.over[0], is_resumed, may_overwrite
    ) as config:
        folder = Path(str(config.out))
        search = _Search(config, wanted, small, folder, watch, is_resumed)
        search.halved()
        found, metric = search.candidates, search.candidates.metric
        names = [name for axis in along for name in axis.names]
        on_front = front_of(found.runnable, len(ROUNDS), metric, small)
        rows = [row_of(one, names, metric, one.number in on_front, POINTS) for one in found.every]
        with telling_of_storage(folder):
            _write_points(folder, found.runnable)
            write_rows(folder / TABLE, rows, columns_of(rows, names, metric))
        score = lambda row: row[metric.name]
        front = [row for row in rows if row["on_front"]]
        front = sorted(front, key=score, reverse=metric.is_higher_better)
        summary = {
            "task": config.task, "metric": metric.name, "goals": list(small), "over": wanted.over,
            "trials": len(found.runnable), "not_run": len(found.every) - len(found.runnable),
            "chips": config.chips, "front": front, "runs_worth": search.runs_worth,
            "wall_seconds": time.perf_counter() - start,
        }  # fmt: skip
        summarise(folder, summary)
    return Explored(folder, wanted, metric, small, names, rows, front, summary)


class _Search:
    def __init__(
        self,
        config: Config,
        wanted: Exploration,
        small: tuple[str, ...],
        folder: Path,
        watch: Watch,
        is_resumed: bool,
    ):
        self.config, self.small, self.folder = config, small, folder
        self.watch, self.is_resumed = watch, is_resumed
        self.candidates = Candidates(config, wanted)
        self.wanted = wanted

    def halved(self) -> None:
        """Looks at many designs, and trains the best of them longer."""
        self._first()
        every = self.candidates.runnable
        left = every
        for number, (_, kept) in enumerate(ROUNDS[1:], 2):
            sound = [one for one in left if one.looks[-1].score is not None]
            values = losses(sound, self.candidates.metric, self.small)
            chosen = best(values, max(1, int(kept * len(every))))
            left = [sound[one] for one in chosen]
            if not left:
                return
            self._round(number, left, f"round-{number}")

    def _first(self) -> None:
        found = self.candidates
        for batch, share in enumerate(BATCHES):
            wanted = math.ceil(share * self.wanted.trials) - len(found.runnable)
            is_told = lambda one: bool(one.looks) and one.looks[-1].score is not None
            looked = [one for one in found.every if is_told(one)]
            values = np.empty((0, 1 + len(self.small)))
            if looked:
                values = losses(looked, found.metric, self.small)
            seen = [one.place for one in sorted(found.every, key=lambda one: not is_told(one))]
            new: list[Candidate] = []
            places = proposed(
                found.lengths, found.ordered, seen, values, (self.config.seed, batch), wanted
            )
            while len(new) < wanted and (place := next(places, None)) is not None:
                one = found.add(place)
                new += [one] if one.reason is None else []
            if new:
                self._round(1, new, f"round-1-batch-{batch + 1}")
        if not found.runnable:
            reason = found.every[0].reason if found.every else "there is none"
            raise InputError(f"explore: no design can be run; the first: {reason}")

    def _round(self, number: int, some: list[Candidate], name: str) -> None:
        share = ROUNDS[number - 1][0]
        self.watch(
            f"round {number} of {len(ROUNDS)}: {len(some)} designs for {100 * share:.3g} % of their"
            " length"
        )
        lengths = [max(1, round(share * one.windows)) for one in some]
        points = [
            {key: value for key, value in one.values.items() if key not in LENGTHS}
            | {"windows": length}
            for one, length in zip(some, lengths, strict=True)
        ]
        none: dict[str, Any] = dict.fromkeys(LENGTHS)
        config = msgspec.structs.replace(self.config, **none)
        if share < 1:
            rows = config.log_every or max(1, min(lengths) // ROWS)
            config = msgspec.structs.replace(config, log_every=rows)
        design = Design(over=[on_one_axis(points)])
        part = swept(self.folder / name, config, design, len(some), self.is_resumed)
        for one, length, point in zip(some, lengths, part.summary["points"], strict=True):
            one.looks.append(Looked.of(number, length, point, one.config.chips, part.summary))

    @property
    def runs_worth(self) -> float:
        """How many runs of the whole length would have taken as long."""
        return sum(look.windows / one.windows for one in self.candidates.every
                   for look in one.looks)  # fmt: skip


def _write_points(folder: Path, some: list[Candidate]) -> None:
    """Writes the configuration of every design that can be run."""
    (folder / POINTS).mkdir(exist_ok=True)
    for one in some:
        config = msgspec.structs.replace(one.config, out=None)
        disk.write(folder / POINTS / one.file, to_toml(config).encode())
