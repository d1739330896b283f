"""The folders that runs, sweeps, searches and followed estimates left below a place."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from neuromgd.errors import InputError
from neuromgd.options.command import changed_options
from neuromgd.options.grid import FILE
from neuromgd.options.grid import kept as axes_of
from neuromgd.options.read import from_file
from neuromgd.options.searches import EXPLORATION, TOLERANCE
from neuromgd.study.folder import PARTIAL, SUMMARY
from neuromgd.study.gradient import TABLE as ESTIMATES
from neuromgd.study.lock import is_marked
from neuromgd.study.told import read_summary

# So deep below a place folders are looked for.
DEEPEST = 6
# What says what is run in a folder.
BEGUN = ("config.toml", FILE, TOLERANCE.file, EXPLORATION.file)


class Listed(NamedTuple):
    """A folder of a run.

    Attributes:
        folder: Where it is.
        kind: run, sweep, gradient, tolerance search, exploration, or what cannot be read.
        task: What was learnt.
        options: Those that are not the defaults.
        state: finished, interrupted, not finished, or why it cannot be read.
        metric: Name of what was measured.
        score: Mean over chips; None: it is not finished, or holds many.
    """

    folder: Path
    kind: str
    task: str = ""
    options: Mapping[str, Any] = MappingProxyType({})
    state: str = ""
    metric: str = ""
    score: float | None = None


def listed(below: str | Path) -> list[Listed]:
    """Returns the folders of runs at a place and below it, by name.

    Groups of a sweep and sweeps of a search are of its own.

    Args:
        below: The place.

    Raises:
        InputError: If it is no folder.
    """
    place = Path(below)
    if not place.is_dir():
        raise InputError(f"runs: {place} is no folder")
    return [_told(folder) for folder in sorted(_found(place))]


def _found(place: Path) -> Iterator[Path]:
    for name, inside, files in os.walk(place):
        folder = Path(name)
        if is_marked(folder) and any(name in files for name in BEGUN):
            inside.clear()
            yield folder
        elif len(folder.relative_to(place).parts) >= DEEPEST:
            inside.clear()


def _told(folder: Path) -> Listed:
    kind = "run"
    try:
        if (folder / FILE).exists():
            kind, config = "sweep", axes_of(folder)[1]
        elif (folder / TOLERANCE.file).exists():
            kind, config = "tolerance search", TOLERANCE.kept(folder)[0]
        elif (folder / EXPLORATION.file).exists():
            kind, config = "exploration", EXPLORATION.kept(folder)[0]
        else:
            config = from_file(folder / "config.toml")
        if (folder / ESTIMATES).exists():
            kind = "gradient"
        found = Listed(folder, kind, config.task, changed_options(config), _state(folder))
        if found.state != "finished":
            return found
        summary = read_summary(folder / SUMMARY)
    except InputError as error:
        return Listed(folder, "damaged", state=str(error))
    metric = summary.get("metric", "")
    return found._replace(metric=metric, score=summary.get(metric))


def _state(folder: Path) -> str:
    if (folder / SUMMARY).exists():
        return "finished"
    return "interrupted" if (folder / PARTIAL).exists() else "not finished"
