"""What was explored: the metric against everything that is to be small, and the front."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from neuromgd.plots.colours import COLOURS, MARKS, shown
from neuromgd.plots.save import save

# Of the designs that are not on the front.
GREY = "0.6"
# Beyond that many values of the first axis none can be told apart.
SHOWN = len(COLOURS)


def explore(
    table: Sequence[Mapping[str, Any]],
    goals: Mapping[str, str],
    metric: str,
    label: str,
    factor: float,
    first: str,
    title: str,
    is_higher_better: bool = True,
    path: Path | None = None,
) -> Figure:
    """Draws every design that was run: short runs as rings, whole ones filled, the front in colour.

    Args:
        table: One row a design: ``trial``, the options by name, the metric under its name, its
            ``…_low`` and ``…_high``, the goals, ``round`` and ``on_front``.
        goals: Column -> label of what is to be small; (): the place in the table stands for it.
        metric: Name of what was measured.
        label: What it is, with its unit.
        factor: From what is in the rows to that unit.
        first: Name of the option whose values have colours.
        title: What was explored.
        is_higher_better: Whether more of the metric is better.
        path: Where to write; the suffix names the format; None: nowhere.
    """
    panes = dict(goals) or {"trial": "trial"}
    run = [row for row in table if row["round"] and row[metric] is not None]
    figure = Figure(figsize=(1.2 + 3.9 * len(panes), 4.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(panes), sharey=True))
    front = [row for row in run if row["on_front"]]
    values = list(dict.fromkeys(shown(row[first]) for row in front))
    for panel, (column, name) in zip(panels, panes.items(), strict=True):
        known = [row for row in run if row[column] is not None]
        _dots(panel, known, column, metric, factor)
        own = [row for row in front if row[column] is not None]
        if goals:
            _stairs(panel, own, column, metric, factor, is_higher_better)
        for number, value in enumerate(values):
            some = [row for row in own if shown(row[first]) == value]
            look = dict(color=COLOURS[number % SHOWN], marker=MARKS[number % len(MARKS)])
            _front(panel, some, column, metric, factor, value, look)
        if _is_wide([row[column] for row in known]):
            panel.set_xscale("log")
            panel.xaxis.set_minor_formatter(NullFormatter())
        panel.set_xlabel(name)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel(label)
    handles, texts = panels[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, texts, title=f"{first} on the front", fontsize=8,
                      loc="outside lower center", ncols=min(len(texts), 4))  # fmt: skip
    figure.suptitle(f"{title}: means with their 95 % intervals", fontsize=11)
    if path is not None:
        save(figure, path)
    return figure


def _dots(
    panel: Axes, rows: Sequence[Mapping[str, Any]], column: str, metric: str, factor: float
) -> None:
    last = max((row["round"] for row in rows), default=0)
    for told, is_whole in (("short run, left behind", False), ("whole run, beaten", True)):
        some = [row for row in rows if (row["round"] == last) == is_whole and not row["on_front"]]
        if some:
            x, y = [row[column] for row in some], [factor * row[metric] for row in some]
            face = GREY if is_whole else "none"
            panel.plot(x, y, "o", ms=5, mec=GREY, mfc=face, label=told, zorder=2)


def _front(
    panel: Axes,
    rows: Sequence[Mapping[str, Any]],
    column: str,
    metric: str,
    factor: float,
    told: str,
    look: Mapping[str, Any],
) -> None:
    if not rows:
        return
    x = [row[column] for row in rows]
    y = np.asarray([factor * row[metric] for row in rows])
    end = lambda row, name: row[metric] if row[name] is None else row[name]
    ends = [[factor * end(row, f"{metric}_{which}") for row in rows] for which in ("low", "high")]
    half = np.abs(np.asarray(ends) - y)
    panel.errorbar(x, y, yerr=half, ls="none", ms=7, capsize=3, zorder=4, label=told, **look)
    for row, at, height in zip(rows, x, y, strict=True):
        panel.annotate(str(row["trial"]), (at, height), textcoords="offset points",
                       xytext=(6, 5), fontsize=7)  # fmt: skip


def _stairs(
    panel: Axes,
    rows: Sequence[Mapping[str, Any]],
    column: str,
    metric: str,
    factor: float,
    is_higher_better: bool,
) -> None:
    """Draws what the designs on the front reach with so much of one goal, whatever the others."""
    best = np.maximum if is_higher_better else np.minimum
    order = sorted(rows, key=lambda row: row[column])
    if len(order) > 1:
        y = best.accumulate([factor * row[metric] for row in order])
        x = [row[column] for row in order]
        panel.step(x, y, where="post", color="0.3", lw=1, zorder=1)


def _is_wide(values: Sequence[float]) -> bool:
    return bool(values) and min(values) > 0 and max(values) > 10 * min(values)
