"""A measured pulse response with the fitted curve on it, and what is left."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neuromgd.plots.device import SPREAD, UP, Conductance, second_axis


def fit(
    title: str,
    path: Path,
    pulses: ArrayLike,
    weight: ArrayLike,
    curve: ArrayLike,
    conductance: Conductance | None = None,
) -> None:
    """Draws data under the fit, and below it their difference.

    Args:
        title: Name and law.
        path: Where to write; the suffix names the format.
        pulses: (rows,) pulses given so far, in either direction.
        weight: (rows,) measured, in weight units.
        curve: (rows,) fitted, in weight units.
        conductance: Of a weight, for a second axis; None: the data are normalised.
    """
    pulses, weight, curve = np.asarray(pulses), np.asarray(weight), np.asarray(curve)
    figure = Figure(figsize=(6.4, 5.0), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    above.plot(pulses, weight, ".", color=SPREAD, ms=3, label="measured")
    above.plot(pulses, curve, color=UP, lw=1.2, label="fitted")
    above.set(ylabel="weight [w.u.]")
    above.legend(frameon=False, loc="best")
    second_axis(above, conductance)
    below.plot(pulses, weight - curve, ".", color=SPREAD, ms=3)
    below.axhline(0, color=UP, lw=0.8)
    below.set(xlabel="pulses given", ylabel="left [w.u.]")
    for axis in (above, below):
        axis.grid(alpha=0.3)
    figure.suptitle(title, fontsize=11)
    figure.savefig(path, dpi=150)
