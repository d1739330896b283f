"""The figures of many runs: compared, swept, searched and explored."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from neuromgd.plots.colours import CYCLE
from neuromgd.plots.explore import explore
from neuromgd.plots.page.panels import LINES, Shown, brief, panel, whole
from neuromgd.plots.page.svg import Looks
from neuromgd.plots.sweep import sweep
from neuromgd.plots.tolerate import tolerate
from neuromgd.verdict.findings import Card, Findings, Front


def overlay(runs: Sequence[Findings], looks: Looks) -> Shown:
    """Returns the scores of several runs over epochs, in one figure."""
    metric = runs[0].metric

    def draw(axis: Axes) -> None:
        compared(axis, [(one.name, one.rows) for one in runs], metric.factor, metric.label)

    ends = ", ".join(f"{one.name} {metric.tell(one.rows[-1].score)}" for one in runs)
    return panel(f"{metric.label.capitalize()} of all runs", f"At the end: {ends}.", looks, draw)


def compared(
    axis: Axes, runs: Sequence[tuple[str, Sequence[Any]]], factor: float, label: str
) -> None:
    """Draws the mean scores of runs over epochs, and the middle 90 % of their chips behind them."""
    for number, (name, rows) in enumerate(runs):
        colour, style = f"C{number % len(CYCLE)}", LINES[number // len(CYCLE) % len(LINES)]
        scores = factor * np.asarray([row.score_per_chip for row in rows], float)
        epochs = [row.epoch for row in rows]
        if scores.shape[1] > 1:
            low, high = np.nanpercentile(scores, (5, 95), axis=1)
            axis.fill_between(epochs, low, high, color=colour, alpha=0.15, lw=0)
        axis.plot(epochs, np.nanmean(scores, axis=1), color=colour, ls=style, label=brief(name))
    axis.set(xlabel="epoch", ylabel=label)
    axis.legend(fontsize=8, title="mean, and 5 to 95 % of chips", title_fontsize=8)
    axis.grid(alpha=0.3)


def swept(found: Findings, looks: Looks) -> Shown:
    """Returns the figure of a sweep."""
    seen, metric = found.sweep, found.metric
    assert seen is not None
    figure = sweep(
        seen["points"], seen["axes"], metric.name, metric.label, metric.factor,
        found.summary["task"], chips=seen["chips"], chance=seen["chance"], target=seen["target"],
        is_design=seen["is_design"],
    )  # fmt: skip
    title = f"{metric.label.capitalize()} over {', '.join(seen['axes'])}"
    sound = [one for one in seen["points"] if one[metric.name] is not None]
    described = "No point has a chip that did not diverge."
    if sound:
        score = lambda one: one[metric.name]
        best = (max if metric.is_higher_better else min)(sound, key=score)
        at = ", ".join(f"{name} = {best[name]}" for name in seen["names"])
        described = f"{len(seen['points'])} points; the best is {metric.tell(score(best))} at {at}."
    return whole(figure, title, described, looks)


def card(seen: Card, task: str, looks: Looks) -> Shown:
    """Returns the figure of a tolerance card."""
    figure = tolerate(seen.rows, seen.ends, seen.labels, task)
    ends = "; ".join(_tolerable(seen, row) for row in seen.rows)
    return whole(figure, "How bad each may be", f"{seen.told}. {ends}.", looks)


def _tolerable(seen: Card, row: Mapping[str, Any]) -> str:
    name = seen.labels[row["number"]]
    if row["tolerable"] is None:
        return f"{name}: {row['verdict']}"
    today = "" if row["today"] is None else f", today {row['today']:.3g}"
    return f"{name}: {row['tolerable']:.3g} is just tolerable{today}"


def front(seen: Front, found: Findings, looks: Looks) -> Shown:
    """Returns the figure of an exploration."""
    metric = found.metric
    figure = explore(
        seen.table, {column: label for column, label, _ in seen.goals.values()}, metric.name,
        metric.label, metric.factor, seen.names[0], found.summary["task"],
        metric.is_higher_better,
    )  # fmt: skip
    described = f"{len(seen.front)} of {len(seen.table)} designs are beaten by no other"
    if seen.front:
        best = seen.front[0]
        at = ", ".join(f"{name} = {best[name]}" for name in seen.names)
        described += f"; the best reaches {metric.tell(best[metric.name])} at {at}"
    return whole(figure, "What no other design beats", f"{described}.", looks)
