"""What was measured against what it took on the hardware: time and energy."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import ArrayLike

from neuromgd.plots.history import curves
from neuromgd.plots.save import save


def cost_of_learning(
    seconds: Sequence[float],
    joules: Sequence[float] | None,
    score_per_chip: ArrayLike,
    label: str,
    title: str,
    path: Path | None = None,
) -> Figure:
    """Draws the score against hardware time, and against energy where it is known.

    Args:
        seconds: (rows,) time since the run began on the hardware [s].
        joules: (rows,) energy since then [J]; None: the platform does not know it.
        score_per_chip: (rows, chips) what was measured on the test set, in the unit of the label.
        label: What that is, with its unit.
        title: What was trained, on what.
        path: Where to write; the suffix names the format; None: nowhere.
    """
    panels = [(seconds, "time on the hardware", "s", "C2")]
    if joules is not None:
        panels.append((joules, "energy", "J", "C3"))
    figure = Figure(figsize=(4.5 * len(panels), 3.4), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (spent, name, unit, colour) in zip(axes, panels, strict=True):
        curves(axis, spent, score_per_chip, colour)
        axis.set(xlabel=name, ylabel=label, xlim=(0, None))
        axis.xaxis.set_major_formatter(EngFormatter(unit=unit))
        axis.tick_params(axis="x", labelsize=8)
        axis.grid(alpha=0.3)
    figure.suptitle(title, fontsize=11)
    if path is not None:
        save(figure, path)
    return figure
