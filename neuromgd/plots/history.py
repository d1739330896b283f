"""Cost and accuracy of a run against the samples that were shown."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike


def history(
    epoch: Sequence[float],
    cost_per_chip: ArrayLike,
    accuracy_per_chip: ArrayLike,
    title: str,
    path: Path,
) -> None:
    """Draws the mean over chips as a line and their range as a band.

    Args:
        epoch: (rows,) passes through the training set.
        cost_per_chip: (rows, chips) mean cost since the row before [cost].
        accuracy_per_chip: (rows, chips) share of test samples classified right [1].
        title: What was trained.
        path: Where to write; the suffix names the format.
    """
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    panels = (
        (left, cost_per_chip, "training cost", "C0"),
        (right, 100 * np.asarray(accuracy_per_chip), "test accuracy [%]", "C1"),
    )
    for axis, values, label, colour in panels:
        values = np.asarray(values)
        axis.fill_between(epoch, values.min(1), values.max(1), color=colour, alpha=0.25, lw=0)
        axis.plot(epoch, values.mean(1), color=colour)
        axis.set(xlabel="epoch", ylabel=label)
        axis.grid(alpha=0.3)
    right.text(
        0.98, 0.04, f"last: {100 * np.mean(np.asarray(accuracy_per_chip)[-1]):.2f} %",
        transform=right.transAxes, ha="right",
    )  # fmt: skip
    chips = np.asarray(cost_per_chip).shape[1]
    figure.suptitle(f"{title}, {chips} chip{'s' * (chips > 1)}: mean and range", fontsize=11)
    figure.savefig(path, dpi=150)
