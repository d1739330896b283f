"""The pictures that a device paper shows: pulse response, single cells, programming, drift."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

UP, DOWN, SPREAD = "C0", "C3", "0.5"
SHOWN_CELLS = 6


class Conductance(NamedTuple):
    """The second axis.

    Attributes:
        zero: Conductance at zero weight, in ``unit``.
        per_weight: Of one weight unit, in ``unit``.
        label: What the axis shows, with its unit.
    """

    zero: float
    per_weight: float
    label: str


def second_axis(axis: Axes, conductance: Conductance | None) -> None:
    """Draws the conductances of the weights of an axis at its right."""
    if conductance is None:
        return
    zero, slope = conductance.zero, conductance.per_weight

    def shown(weight: ArrayLike) -> NDArray[np.float64]:
        return zero + slope * np.asarray(weight, float)

    def back(value: ArrayLike) -> NDArray[np.float64]:
        return (np.asarray(value, float) - zero) / slope

    right = axis.secondary_yaxis("right", functions=(shown, back))
    right.set_ylabel(conductance.label)


def device(
    title: str,
    path: Path,
    pulse: ArrayLike,
    weight: ArrayLike,
    reading: ArrayLike,
    seconds: ArrayLike,
    retained: ArrayLike,
    aim: ArrayLike,
    error: ArrayLike,
    conductance: Conductance | None = None,
) -> None:
    """Draws one figure; panels whose columns are empty are left out.

    Args:
        title: Name and technology.
        path: Where to write; the suffix names the format.
        pulse: (rows,) pulses given so far.
        weight: (rows, cells) weight after them [w.u.].
        reading: (rows, cells) one reading of it, with its noise [w.u.].
        seconds: (rows,) time since the write [s].
        retained: (rows, cells) weight then [w.u.].
        aim: (rows,) weight programmed to [w.u.].
        error: (rows,) σ of where cells land [w.u.].
        conductance: Of a weight, for a second axis; None: the sheet knows none.
    """
    pulse, weight, reading = np.asarray(pulse), np.asarray(weight), np.asarray(reading)
    seconds, aim, error = np.asarray(seconds), np.asarray(aim), np.asarray(error)
    panels = 2 * (pulse.size > 0) + (seconds.size > 0) + (aim.size > 0)
    figure = Figure(figsize=(4.2 * panels, 3.6), layout="constrained")
    axes = iter(np.atleast_1d(figure.subplots(1, panels)))
    if pulse.size:
        for draw, shown in ((_response, weight), (_cells, reading)):
            axis = next(axes)
            draw(axis, pulse, shown)
            second_axis(axis, conductance)
    if aim.size:
        _programming(next(axes), aim, error)
    if seconds.size:
        _retention(next(axes), seconds, np.asarray(retained))
    figure.suptitle(title, fontsize=11)
    figure.savefig(path, dpi=150)


def _legs(weight: NDArray[np.float64]) -> list[slice]:
    """The rows run up, down, up and down again."""
    points = (len(weight) - 1) // 4
    return [slice(leg * points, (leg + 1) * points + 1) for leg in range(4)]


def _band(axis: Axes, x: NDArray, ensemble: NDArray, colour: str, label: str) -> None:
    low, high = np.percentile(ensemble, [5, 95], axis=1)
    axis.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
    axis.plot(x, ensemble.mean(1), color=colour, label=label)


def _response(axis: Axes, pulse: NDArray, weight: NDArray) -> None:
    up, down = _legs(weight)[:2]
    _band(axis, pulse[up], weight[up], UP, "up")
    # The way down is drawn over the way up, so that asymmetry shows as a gap.
    _band(axis, pulse[down] - pulse[down][0], weight[down], DOWN, "down")
    axis.set(title="pulse response, mean and 5-95 %", xlabel="pulse", ylabel="weight [w.u.]")
    axis.legend(frameon=False, loc="best")
    axis.grid(alpha=0.3)


def _cells(axis: Axes, pulse: NDArray, weight: NDArray) -> None:
    for column in weight.T[:SHOWN_CELLS]:
        axis.plot(pulse, column, lw=0.9)
    for leg in _legs(weight)[1:]:
        axis.axvline(float(pulse[leg.start]), color=SPREAD, lw=0.6, ls=":")
    title = "readings of single cells, up and down twice"
    axis.set(title=title, xlabel="pulse", ylabel="weight [w.u.]")
    axis.grid(alpha=0.3)


def _programming(axis: Axes, aim: NDArray, error: NDArray) -> None:
    if np.any(error > 0):
        axis.plot(aim, error, color=UP)
        axis.set(title="programming error", ylabel="σ after programming [w.u.]", ylim=(0, None))
    else:
        axis.plot(aim, aim, "_" if len(aim) <= 41 else "-", color=UP)
        axis.set(title="levels, no error known", ylabel="weight reached [w.u.]")
    axis.set(xlabel="weight programmed to [w.u.]")
    axis.grid(alpha=0.3)


def _retention(axis: Axes, seconds: NDArray, retained: NDArray) -> None:
    _band(axis, seconds, retained, "C2", "mean")
    axis.set_xscale("log")
    axis.set(
        title="retention, mean and 5-95 %", xlabel="time since the write [s]",
        ylabel="weight [w.u.]",
    )  # fmt: skip
    axis.grid(alpha=0.3)
