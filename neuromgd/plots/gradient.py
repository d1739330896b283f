"""Angle and length of estimates against time, beside the law."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromgd.plots.save import save

# Of the line of all arrays together.
WHOLE = "#D55E00"


def gradient(
    table: Sequence[dict[str, Any]],
    arrays: Sequence[str],
    law: Sequence[Sequence[int | float | None]],
    within: float,
    title: str,
    path: Path | None = None,
) -> Figure:
    """Draws the mean over chips, one line for every array and one for all.

    Args:
        table: One row a logged window, chip and array: ``step``, ``array``, ``angle`` [°] and
            ``length`` [1].
        arrays: Names of the arrays; the last is all of them.
        law: Pairs of a timestep and the angle of all arrays by the law [°]; None: no law is known.
        within: Angle that is marked [°].
        title: What was followed.
        path: Where to write; the suffix names the format; None: nowhere.
    """
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axis, what in ((left, "angle"), (right, "length")):
        against_time(axis, table, arrays, law, what)
    left.axhline(within, color="0.5", ls=":")
    left.legend(fontsize=8)
    figure.suptitle(title, fontsize=11)
    if path is not None:
        save(figure, path)
    return figure


def against_time(
    axis: Axes,
    table: Sequence[dict[str, Any]],
    arrays: Sequence[str],
    law: Sequence[Sequence[int | float | None]],
    what: str,
) -> None:
    """Draws the ``angle`` of estimates to the gradient, or their ``length``, over timesteps."""
    # Beyond that many lines none can be told apart.
    shown = arrays if len(arrays) <= 9 else arrays[-1:]
    for number, name in enumerate(shown):
        own = [row for row in table if row["array"] == name]
        steps = sorted({row["step"] for row in own})
        means = [np.mean([row[what] for row in own if row["step"] == at]) for at in steps]
        is_all = name == arrays[-1]
        colour = WHOLE if is_all else f"C{number}"
        axis.plot(steps, means, label=name, lw=2 if is_all else 1, color=colour)
    known = np.asarray([pair for pair in law if None not in pair], float)
    if len(known):
        step, angle = known.T
        told = angle if what == "angle" else 1 / np.cos(np.radians(angle))
        axis.plot(step, told, ls="--", color="0.5", lw=1.4, label="law, all")
    if what == "length":
        axis.axhline(1, color="0.5", ls=":")
        axis.set(xscale="log", yscale="log", xlabel="timesteps", ylabel="‖Ĝ‖/‖∇C‖")
    else:
        axis.set(xscale="log", xlabel="timesteps", ylabel="angle between Ĝ and ∇C [°]",
                 ylim=(0, None))  # fmt: skip
    axis.grid(alpha=0.3)
