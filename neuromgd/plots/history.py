"""Cost and score of a run against the samples that were shown."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neuromgd.plots.save import save
from neuromgd.verdict.row import DRAWN

# Up to so many chips are a line each; of more, quantiles stand for them.
LINES = 16


def history(
    epoch: Sequence[float],
    cost_per_chip: ArrayLike,
    score_per_chip: ArrayLike,
    label: str,
    last: str,
    chance: float,
    title: str,
    path: Path | None = None,
) -> Figure:
    """Draws the mean over chips, and each of them behind it, or quantiles of many.

    Args:
        epoch: (rows,) passes through the training set.
        cost_per_chip: (rows, chips) mean cost since the row before [cost].
        score_per_chip: (rows, chips) what was measured on the test set, in the unit of the label.
        label: What that is, with its unit.
        last: The mean over chips at the end, in words.
        chance: What the best answer that is always the same reaches, in the same unit.
        title: What was trained.
        path: Where to write; the suffix names the format; None: nowhere.
    """
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axis, values, name, colour in (
        (left, cost_per_chip, "training cost", "C0"),
        (right, score_per_chip, label, "C1"),
    ):
        curves(axis, epoch, values, colour)
        axis.set(xlabel="epoch", ylabel=name)
        axis.grid(alpha=0.3)
    right.axhline(chance, color="0.5", ls=":", label="always the same answer")
    right.legend(title=f"last: {last}", fontsize=8)
    figure.suptitle(f"{title}, {told(np.asarray(cost_per_chip).shape[1])}", fontsize=11)
    if path is not None:
        save(figure, path)
    return figure


def curves(
    axis: Axes, x: Sequence[float], per_chip: ArrayLike, colour: str, name: str | None = None
) -> None:
    """Draws the mean of chips over something, and behind it each of them, or quantiles of many.

    Args:
        axis: Where to draw.
        x: (rows,) what it is drawn over.
        per_chip: (rows, chips); a chip that is stopped has no number.
        colour: Of all.
        name: What the legend calls it.
    """
    values, at = np.asarray(per_chip, float), np.asarray(x, float)
    shown = np.unique(np.linspace(0, len(at) - 1, min(len(at), DRAWN)).astype(int))
    values, at = np.ma.masked_invalid(values[shown]), at[shown]
    if 1 < values.shape[1] <= LINES:
        for line in values.T:
            axis.plot(at, line, color=colour, lw=0.7, alpha=0.35)
    elif values.shape[1] > LINES:
        sound = values.filled(np.nan)
        for ends in ((5, 95), (25, 75)):
            low, high = np.nanpercentile(sound, ends, axis=1)
            axis.fill_between(at, low, high, color=colour, alpha=0.2, lw=0)
    axis.plot(at, values.mean(1), color=colour, lw=1.6, label=name)


def told(chips: int) -> str:
    """Returns what stands for single chips, in words."""
    if chips == 1:
        return "1 chip"
    spread = "each chip" if chips <= LINES else "5 to 95 % and 25 to 75 % of them"
    return f"{chips} chips: mean, and {spread}"
