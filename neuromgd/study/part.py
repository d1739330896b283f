"""A sweep that is part of a search: run, gone on with where it was killed, or read."""

from pathlib import Path
from typing import Any, NamedTuple

from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.grid import Design
from neuromgd.study.ensemble import in_folder, is_begun
from neuromgd.study.folder import SUMMARY
from neuromgd.study.lock import is_marked
from neuromgd.study.sweep import TABLE, sweep
from neuromgd.study.table_file import read_rows
from neuromgd.study.told import read_summary


class Part(NamedTuple):
    """What a sweep came to.

    Attributes:
        summary: What its ``summary.json`` holds.
        rows: A row for every chip of every point.
    """

    summary: dict[str, Any]
    rows: list[dict[str, Any]]


def swept(
    own: Path,
    config: Config,
    design: Design,
    points: int,
    is_resumed: bool,
    first_chip: int | None = None,
) -> Part:
    """Returns what a sweep came to in a folder of its own.

    Args:
        own: That folder.
        config: What all its points have in common.
        design: Its points.
        points: How many they are.
        is_resumed: Whether what is there already is taken.
        first_chip: Number of the first chip of the first point; None: all have the same chips.

    Raises:
        InputError: If the folder holds another sweep.
    """
    own.parent.mkdir(exist_ok=True)
    if not (is_resumed and (own / SUMMARY).exists() and (own / TABLE).exists()):
        sweep(
            in_folder(config, own), design, is_resumed=is_resumed and _has_begun(own),
            may_overwrite=True, first_chip=first_chip,
        )  # fmt: skip
    rows = read_rows(own / TABLE)
    if sum(row["chip"] == 0 for row in rows) != points:
        raise InputError(f"{own}: not the table of this search")
    return Part(read_summary(own / SUMMARY), rows)


def _has_begun(folder: Path) -> bool:
    begun = is_marked(folder) and (is_begun(folder) or any(map(is_begun, folder.glob("group-*"))))
    return bool(begun)
