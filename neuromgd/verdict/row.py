"""A row of the history: what a host sees of the chips between two chunks of windows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# Rows beyond these are more than a figure has dots for.
DRAWN = 500


class Row(NamedTuple):
    """The chips after some windows. In files the score has the name of the task's metric.

    Attributes:
        window: Windows that are done.
        step: Timesteps that are done.
        epoch: Passes through the training set that are done.
        cost: Mean cost since the row before, over all chips [cost].
        score: The task's metric on the test set, mean over all chips.
        cost_per_chip: The same of every chip.
        score_per_chip: The same of every chip.
        delta_cost: Mean |ΔC| since the row before [cost].
        hardware_seconds: Time on the hardware since the run began [s]; None: no platform.
        hardware_joules: Energy since then [J]; None: no platform, or it does not know.
        delta_cost_per_chip: Mean |ΔC| of every chip since the row before [cost]; None: not kept.
    """

    window: int
    step: int
    epoch: float
    cost: float
    score: float
    cost_per_chip: list[float]
    score_per_chip: list[float]
    delta_cost: float
    hardware_seconds: float | None = None
    hardware_joules: float | None = None
    delta_cost_per_chip: list[float] | None = None


def column(rows: Sequence[Row], name: str) -> np.ndarray:
    """Returns the (rows,) numbers of one field; nan: there is none.

    Args:
        rows: Of a history; one that is not in memory reads its columns.
        name: Of a field that is one number.
    """
    of = getattr(rows, "column", None)
    return of(name) if of else np.asarray([getattr(row, name) for row in rows], float)


def thinned(rows: Sequence[Row], most: int = DRAWN) -> list[Row]:
    """Returns at most so many rows at even places, the first and the last among them."""
    places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int))
    return [rows[int(place)] for place in places]
