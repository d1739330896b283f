"""What stands in a panel of a sweep: means with their intervals, chips behind them, levels."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from neuromgd.plots.colours import is_number, shown

# Above so many chips a point, their quantiles stand for them.
SHOWN_CHIPS = 32


class Swept(NamedTuple):
    """What the figures of a sweep have in common.

    Attributes:
        points: One row a point: the swept values, the metric under its name (None: no chip that did
            not diverge), its ``…_low`` and ``…_high``, and perhaps ``yield`` with its own.
        chips: One row a point and chip, with the metric and ``diverged``.
        metric: Name of what was measured.
        label: What it is, with its unit.
        factor: From what is in the rows to that unit.
        chance: What the best answer that is always the same reaches; None: not drawn.
        target: What chips are to reach; None: not drawn.
    """

    points: Sequence[Mapping[str, Any]]
    chips: Sequence[Mapping[str, Any]]
    metric: str
    label: str
    factor: float
    chance: float | None
    target: float | None


def bars(
    panel: Axes,
    points: Sequence[Mapping[str, Any]],
    at: Sequence[float] | np.ndarray,
    name: str,
    factor: float,
    colour: str,
    mark: str,
    told: str | None,
    is_flat: bool = False,
    line: str = "-",
) -> None:
    """Draws means with their intervals; a point without one sound chip has none."""
    sound = [(x, point) for x, point in zip(at, points, strict=True) if point[name] is not None]
    places, middle = [x for x, _ in sound], [factor * point[name] for _, point in sound]
    half = [
        [factor * abs((point[f"{name}_{end}"] if point[f"{name}_{end}"] is not None
                       else point[name]) - point[name]) for _, point in sound]
        for end in ("low", "high")
    ]  # fmt: skip
    look: dict[str, Any] = dict(color=colour, marker=mark, ms=5, capsize=3, lw=1.4, label=told)
    if is_flat:
        panel.errorbar(middle, places, xerr=half, ls="none", **look)
    else:
        panel.errorbar(places, middle, yerr=half, ls=line, **look)


def behind(
    panel: Axes,
    swept: Swept,
    names: Sequence[str],
    points: Sequence[Mapping[str, Any]],
    at: Sequence[float] | np.ndarray,
    colour: str,
    is_flat: bool = False,
) -> None:
    """Draws the chips behind the means: a faint dot each, or the middle 90 % of many."""
    for x, point in zip(at, points, strict=True):
        scores = [
            swept.factor * chip[swept.metric] for chip in swept.chips
            if not chip["diverged"] and all(chip[name] == point[name] for name in names)
        ]  # fmt: skip
        if len(scores) < 2:
            continue
        if len(scores) > SHOWN_CHIPS:
            ends, places = np.quantile(scores, [0.05, 0.95]).tolist(), [x, x]
            xs, ys = (ends, places) if is_flat else (places, ends)
            panel.plot(xs, ys, color=colour, lw=6, alpha=0.25, solid_capstyle="butt")
        else:
            places = [x] * len(scores)
            xs, ys = (scores, places) if is_flat else (places, scores)
            panel.plot(xs, ys, ".", color=colour, ms=4, alpha=0.35)


def levels(panel: Axes, swept: Swept, is_flat: bool = False) -> None:
    """Draws what is reached without learning, and what is to be reached."""
    line = panel.axvline if is_flat else panel.axhline
    if swept.chance is not None:
        line(swept.factor * swept.chance, color="0.45", ls=":", label="always the same answer")
    if swept.target is not None:
        line(swept.factor * swept.target, color="0.2", ls="--", lw=1, label="target")


def places(values: Sequence[Any]) -> dict[Any, float]:
    """Returns where values stand: numbers where they are, words and what is absent side by side."""
    if all(is_number(value) for value in values):
        return {value: float(value) for value in values}
    return {value: float(place) for place, value in enumerate(dict.fromkeys(values))}


def abscissa(panel: Axes, place: Mapping[Any, float], label: str) -> None:
    """Labels the axis along which values stand: numbers over decades by their logarithm."""
    panel.set_xlabel(label)
    if not all(is_number(value) for value in place):
        texts = [shown(value) for value in place]
        is_long = max(map(len, texts)) * len(texts) > 50
        panel.set_xticks(list(place.values()), texts, rotation=60 if is_long else 0,
                         ha="right" if is_long else "center", fontsize=8)  # fmt: skip
        return
    values = np.asarray(sorted(place.values()), float)
    positive = values[values > 0]
    if (values < 0).any() or len(positive) < 2 or positive[-1] / positive[0] < 10:
        return
    if len(positive) == len(values):
        panel.set_xscale("log")
    else:  # zero stands apart on the left
        panel.set_xscale("symlog", linthresh=positive[0])
