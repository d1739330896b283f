"""Angle and length of estimates against time, beside the law."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neuromgd.plots.save import save


def gradient(
    table: Sequence[dict[str, Any]],
    arrays: Sequence[str],
    law: Sequence[Sequence[int | float | None]],
    within: float,
    title: str,
    path: Path,
) -> None:
    """Draws the mean over chips, one line for every array and one for all.

    Args:
        table: One row a logged window, chip and array: ``step``, ``array``, ``angle`` [°] and
            ``length`` [1].
        arrays: Names of the arrays; the last is all of them.
        law: Pairs of a timestep and the angle of all arrays by the law [°]; None: no law is known.
        within: Angle that is marked [°].
        title: What was followed.
        path: Where to write; the suffix names the format.
    """
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    # Beyond that many lines none can be told apart.
    shown = arrays if len(arrays) <= 9 else arrays[-1:]
    for name in shown:
        own = [row for row in table if row["array"] == name]
        steps = sorted({row["step"] for row in own})
        style = {"color": "k", "lw": 2} if name == arrays[-1] else {"lw": 1}
        for axis, what in ((left, "angle"), (right, "length")):
            means = [np.mean([row[what] for row in own if row["step"] == at]) for at in steps]
            axis.plot(steps, means, label=name, **style)
    known = np.asarray([pair for pair in law if None not in pair], float)
    if len(known):
        step, angle = known.T
        left.plot(step, angle, "r--", lw=1, label="law, all")
        right.plot(step, 1 / np.cos(np.radians(angle)), "r--", lw=1, label="law, all")
    left.axhline(within, color="0.5", ls=":")
    right.axhline(1, color="0.5", ls=":")
    left.set(xscale="log", xlabel="timesteps", ylabel="angle between Ĝ and ∇C [°]", ylim=(0, None))
    right.set(xscale="log", yscale="log", xlabel="timesteps", ylabel="‖Ĝ‖/‖∇C‖")
    for axis in (left, right):
        axis.grid(alpha=0.3)
    left.legend(fontsize=8)
    figure.suptitle(title, fontsize=11)
    save(figure, path)
