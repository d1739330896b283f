"""Cost and score of a run against the samples that were shown."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neuromgd.plots.save import save


def history(
    epoch: Sequence[float],
    cost_per_chip: ArrayLike,
    score_per_chip: ArrayLike,
    label: str,
    last: str,
    chance: float,
    title: str,
    path: Path,
) -> None:
    """Draws the mean over chips as a line and their range as a band.

    Args:
        epoch: (rows,) passes through the training set.
        cost_per_chip: (rows, chips) mean cost since the row before [cost].
        score_per_chip: (rows, chips) what was measured on the test set, in the unit of the label.
        label: What that is, with its unit.
        last: The mean over chips at the end, in words.
        chance: What the best answer that is always the same reaches, in the same unit.
        title: What was trained.
        path: Where to write; the suffix names the format.
    """
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    panels = (
        (left, cost_per_chip, "training cost", "C0"),
        (right, score_per_chip, label, "C1"),
    )
    for axis, values, name, colour in panels:
        values = np.asarray(values)
        axis.fill_between(epoch, values.min(1), values.max(1), color=colour, alpha=0.25, lw=0)
        axis.plot(epoch, values.mean(1), color=colour)
        axis.set(xlabel="epoch", ylabel=name)
        axis.grid(alpha=0.3)
    right.axhline(chance, color="0.5", ls=":", label="always the same answer")
    right.legend(title=f"last: {last}", fontsize=8)
    chips = np.asarray(cost_per_chip).shape[1]
    figure.suptitle(f"{title}, {chips} chip{'s' * (chips > 1)}: mean and range", fontsize=11)
    save(figure, path)
