"""Tolerance: how bad a number may be before too few chips reach a target.

Every round is a sweep of a few values, which share a program where the number changes no shape.
"""

import itertools
import time
from collections.abc import Callable
from pathlib import Path as Folder
from typing import Any, NamedTuple

import numpy as np

from neuromgd.data.metrics import METRICS
from neuromgd.errors import InputError
from neuromgd.fleet.memory import telling_of_memory
from neuromgd.options.config import Config
from neuromgd.options.grid import Design, at
from neuromgd.options.searches import TOLERANCE
from neuromgd.options.tolerance import (
    TOGETHER,
    Path,
    Tolerance,
    on_axis,
    pair,
    paths,
    refuse,
    today,
)
from neuromgd.study.part import swept
from neuromgd.study.searches import searching, summarise
from neuromgd.study.swept import reaches
from neuromgd.verdict.threshold import Threshold, Trial, searched

Watch = Callable[[str], None]


class Card(NamedTuple):
    """A finished search.

    Attributes:
        folder: Where it was written.
        wanted: What was asked.
        rows: One row a number, the one that breaks the design first on top: ``number``, ``today``,
            ``tolerable`` with ``low`` and ``high``, ``margin`` and ``verdict``.
        summary: What ``summary.json`` holds.
    """

    folder: Folder
    wanted: Tolerance
    rows: list[dict[str, Any]]
    summary: dict[str, Any]


@telling_of_memory()
def tolerate(
    config: Config,
    wanted: Tolerance,
    watch: Watch = lambda text: None,
    is_resumed: bool = False,
    may_overwrite: bool = False,
) -> Card:
    """Finds how bad each of some numbers may be, the others as they are.

    Args:
        config: The design; every place that is tried has ``chips`` chips of its own.
        wanted: What is asked.
        watch: Called with what is being done.
        is_resumed: Whether the search in the folder goes on.
        may_overwrite: Whether a finished search in the folder may be overwritten.

    Raises:
        InputError: If a number has no direction, or the configuration cannot be run.
    """
    start = time.perf_counter()
    refuse(wanted)
    along = paths(config, wanted)
    for path in along:  # all are looked at before the first is run
        for place in (0.0, 1.0):
            _check(config, path, place)
    with searching(
        TOLERANCE, config, wanted, f"{along[0].name}=0", is_resumed, may_overwrite
    ) as config:
        folder = Folder(str(config.out))
        search = _Search(config, wanted, folder, watch, is_resumed)
        found = {path.name: search.one(path) for path in along}
        rows = [_row(config, path, found[path.name]) for path in along]
        if wanted.is_paired:
            met = [path for path in along if 0 <= found[path.name].place <= 1]
            for one, other in itertools.combinations(met, 2):
                both = pair(one, found[one.name].place, other, found[other.name].place)
                rows.append(_paired(both, search.one(both)))
        rows.sort(key=lambda row: (row["margin"] is None, row["margin"] or 0.0))
        summary = {
            "task": config.task, "metric": search.metric, "target": wanted.target,
            "yield": wanted.share, "chips": config.chips, "card": rows,
            "trials": search.trials, "wall_seconds": time.perf_counter() - start,
        }  # fmt: skip
        summarise(folder, summary)
    return Card(folder, wanted, rows, summary)


class _Search:
    def __init__(
        self, config: Config, wanted: Tolerance, folder: Folder, watch: Watch, is_resumed: bool
    ):
        self.config, self.wanted, self.folder, self.watch = config, wanted, folder, watch
        self.is_resumed = is_resumed
        self.metric = ""
        self.trials: dict[str, list[dict[str, Any]]] = {}

    def one(self, path: Path) -> Threshold:
        """Returns where on a path too few chips reach the target."""
        told = self.trials.setdefault(path.name, [])

        def passed(number: int, places: list[float]) -> list[Trial]:
            places = path.snapped(places)
            self.watch(f"{path.name}: round {number + 1} of {self.wanted.rounds}")
            found = self._round(path, number, places)
            told.extend(
                path.at(trial.place) | {"passed": trial.passed, "chips": trial.chips}
                for trial in found
            )
            return found

        wanted = self.wanted
        return searched(passed, wanted.share, wanted.rounds, wanted.places)[0]

    def _round(self, path: Path, number: int, places: list[float]) -> list[Trial]:
        """Returns how many chips reach the target at every place; chips are new in every round."""
        own = self.folder / path.name.replace(" ", "_") / f"round-{number + 1}"
        chips = self.config.chips
        part = swept(
            own, self.config, Design(over=[on_axis(path, places)], target=self.wanted.target),
            len(places), self.is_resumed, number * self.wanted.places * chips,
        )  # fmt: skip
        rows, self.metric = part.rows, part.summary["metric"]
        metric = METRICS[self.metric]
        found = []
        for i, place in enumerate(places):
            some = rows[i * chips : (i + 1) * chips]
            sound = np.asarray([not row["diverged"] for row in some])
            good = reaches(metric, [row[self.metric] for row in some], self.wanted.target)
            found.append(Trial(place, int(np.sum(good & sound)), chips))
        return found


def _check(config: Config, path: Path, place: float) -> None:
    values = path.at(place)
    try:
        at(config, values)
    except InputError as error:
        told = ", ".join(f"{name} = {value}" for name, value in values.items())
        raise InputError(f"tolerate {path.name}: {told}: {error}") from error


def _row(config: Config, path: Path, found: Threshold) -> dict[str, Any]:
    """Returns what is told of one number."""
    (name, span), now = path.spans[0], today(config, path)
    value, low, high = (path.tolerable(one) for one in (found.place, found.low, found.high))
    margin = None
    if value is not None and now and value > 0:
        margin = value / now if span.high > span.low else now / value
    return {
        "number": path.name, "today": now, "tolerable": value, "low": low, "high": high,
        "margin": margin, "verdict": _verdict(path, name, found),
    }  # fmt: skip


def _paired(path: Path, found: Threshold) -> dict[str, Any]:
    """Returns what two numbers may be together: the share of the threshold of each."""
    inside = lambda place: TOGETHER.at(place) if 0 <= place <= 1 else None
    return {
        "number": path.name, "today": None, "tolerable": inside(found.place),
        "low": inside(found.low), "high": inside(found.high), "margin": None,
        "verdict": "share of both thresholds that is tolerable when they come together",
    }  # fmt: skip


def _verdict(path: Path, name: str, found: Threshold) -> str:
    if found.place > 1:
        return f"tolerable as far as was tried, to {path.at(1.0)[name]}"
    if found.place < 0:
        return f"too few chips reach the target even at {path.at(0.0)[name]}"
    return ""
