"""What was measured against what was swept: lines, dots or a heat map, as the axes are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neuromgd.plots.colours import COLOURS, MARKS, is_number, shown
from neuromgd.plots.panel import Swept, abscissa, bars, behind, levels, places
from neuromgd.plots.save import save

# From so many values on, two axes of numbers are a heat map.
HEAT = 3


def sweep(
    points: Sequence[Mapping[str, Any]],
    axes: Mapping[str, str],
    metric: str,
    label: str,
    factor: float,
    title: str,
    path: Path | None = None,
    chips: Sequence[Mapping[str, Any]] = (),
    chance: float | None = None,
    target: float | None = None,
    is_design: bool = False,
) -> Figure:
    """Draws means with their 95 % intervals over what was swept.

    Numbers are a line, words are dots, two axes of three numbers or more are a heat map, and the
    points of a random or Sobol design are drawn over every axis.

    Args:
        points: See ``Swept``.
        axes: Name -> label of what was swept; the first one is the abscissa.
        metric: Name of what was measured.
        label: What it is, with its unit.
        factor: From what is in the rows to that unit.
        title: What was trained.
        path: Where to write; the suffix names the format; None: nowhere.
        chips: One row a point and chip; they stand faintly behind the means.
        chance: What the best answer that is always the same reaches.
        target: What chips are to reach.
        is_design: Whether the points are no grid.
    """
    swept = Swept(points, chips, metric, label, factor, chance, target)
    names = list(axes)
    numeric = [name for name in names if _is_numeric(points, name)]
    many = [name for name in numeric if len({point[name] for point in points}) >= HEAT]
    has_yield = target is not None and "yield" in points[0]
    if is_design:
        figure = _over_every_axis(swept, axes)
    elif len(names) == 2 and len(many) == 2:
        figure = _heat_maps(swept, axes, has_yield)
    elif numeric:
        first = names[0] if names[0] in numeric else numeric[0]
        figure = _lines(swept, first, [name for name in names if name != first], axes, has_yield)
    else:
        figure = _dots(swept, names, axes, has_yield)
    figure.suptitle(f"{title}: mean and its 95 % interval", fontsize=11)
    if path is not None:
        save(figure, path)
    return figure


def _lines(
    swept: Swept, first: str, others: list[str], axes: Mapping[str, str], has_yield: bool
) -> Figure:
    figure = Figure(figsize=(6.4, 6.4 if has_yield else 4.2), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1 + has_yield, 1, sharex=True))
    lines: dict[tuple, list[Mapping[str, Any]]] = {}
    for point in swept.points:
        lines.setdefault(tuple(point[name] for name in others), []).append(point)
    place = places([point[first] for point in swept.points])
    for number, (values, line) in enumerate(lines.items()):
        colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
        line = sorted(line, key=lambda point: place[point[first]])
        told = ", ".join(f"{name} = {shown(value)}" for name, value in zip(others, values,
                                                                          strict=True))  # fmt: skip
        at = [place[point[first]] for point in line]
        behind(panels[0], swept, [first, *others], line, at, colour)
        bars(panels[0], line, at, swept.metric, swept.factor, colour, mark, told or None)
        if has_yield:
            bars(panels[1], line, at, "yield", 100, colour, mark, None)
    levels(panels[0], swept)
    panels[0].set_ylabel(swept.label)
    if has_yield:
        panels[1].set(ylabel="chips that reach the target [%]", ylim=(-3, 103))
    abscissa(panels[-1], place, axes[first])
    for panel in panels:
        panel.grid(alpha=0.3)
    panels[0].legend(fontsize=8, loc="best")
    return figure


def _dots(swept: Swept, names: list[str], axes: Mapping[str, str], has_yield: bool) -> Figure:
    """Draws a line of dots for every combination of words, the best on top."""
    order = sorted(swept.points, key=lambda one: (one[swept.metric] is not None,
                                                  one[swept.metric] or 0))  # fmt: skip
    height = 1.6 + 0.28 * len(order)
    figure = Figure(figsize=(9 if has_yield else 6.8, height), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, 1 + has_yield, sharey=True))
    rows = np.arange(len(order))
    behind(panels[0], swept, names, order, rows, COLOURS[0], is_flat=True)
    bars(panels[0], order, rows, swept.metric, swept.factor, COLOURS[0], "o", None, is_flat=True)
    if has_yield:
        bars(panels[1], order, rows, "yield", 100, COLOURS[0], "o", None, is_flat=True)
        panels[1].set(xlabel="chips that reach the target [%]", xlim=(-3, 103))
    levels(panels[0], swept, is_flat=True)
    texts = [", ".join(shown(point[name]) for name in names) for point in order]
    lost = [point[swept.metric] is None for point in order]
    panels[0].set_yticks(rows, [text + " (diverged)" * gone for text, gone in
                                zip(texts, lost, strict=True)], fontsize=8)  # fmt: skip
    panels[0].set(xlabel=swept.label, ylabel=", ".join(axes[name] for name in names))
    for panel in panels:
        panel.grid(alpha=0.3)
    if panels[0].get_legend_handles_labels()[1]:
        panels[0].legend(fontsize=8, loc="best")
    return figure


def _heat_maps(swept: Swept, axes: Mapping[str, str], has_yield: bool) -> Figure:
    (across, up), maps = list(axes), [(swept.metric, swept.factor, swept.label)]
    if has_yield:
        maps.append(("yield", 100.0, "chips that reach the target [%]"))
    columns, rows = (sorted({point[name] for point in swept.points}) for name in (across, up))
    figure = Figure(
        figsize=((1.8 + 0.75 * len(columns)) * len(maps) + 1.5, 1.6 + 0.5 * len(rows)),
        layout="constrained",
    )
    for panel, (name, factor, label) in zip(
        np.atleast_1d(figure.subplots(1, len(maps))), maps, strict=True
    ):
        field = np.full((len(rows), len(columns)), np.nan)
        for point in swept.points:
            place = rows.index(point[up]), columns.index(point[across])
            field[place] = np.nan if point[name] is None else factor * point[name]
        image = panel.imshow(field, origin="lower", cmap="cividis", aspect="auto")
        figure.colorbar(image, ax=panel, label=label)
        middle = np.nanmean([np.nanmin(field), np.nanmax(field)]) if np.isfinite(field).any() else 0
        for point in swept.points:
            x, y = columns.index(point[across]), rows.index(point[up])
            dark = np.isfinite(field[y, x]) and field[y, x] < middle
            panel.text(x, y, _in_cell(point, name, factor), ha="center", va="center", fontsize=7,
                       color="white" if dark else "black")  # fmt: skip
        panel.set_xticks(range(len(columns)), [f"{value:g}" for value in columns], fontsize=8)
        panel.set_yticks(range(len(rows)), [f"{value:g}" for value in rows], fontsize=8)
        panel.set(xlabel=axes[across], ylabel=axes[up])
    return figure


def _over_every_axis(swept: Swept, axes: Mapping[str, str]) -> Figure:
    """Draws the points of a design over one axis after the other."""
    wide = min(3, len(axes))
    deep = -(-len(axes) // wide)
    figure = Figure(figsize=(3.6 * wide + 0.6, 3.2 * deep), layout="constrained")
    panels = np.atleast_1d(figure.subplots(deep, wide, sharey=True)).reshape(-1)
    for panel, name in zip(panels, axes, strict=False):
        place = places([point[name] for point in swept.points])
        at = [place[point[name]] for point in swept.points]
        bars(panel, swept.points, at, swept.metric, swept.factor, COLOURS[0], "o", None,
              line="none")  # fmt: skip
        levels(panel, swept)
        abscissa(panel, place, axes[name])
        panel.grid(alpha=0.3)
    for panel in panels[:: max(1, wide)]:
        panel.set_ylabel(swept.label)
    if panels[0].get_legend_handles_labels()[1]:
        panels[0].legend(fontsize=8, loc="best")
    for panel in panels[len(axes) :]:
        panel.set_axis_off()
    return figure


def _is_numeric(points: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Tells whether an axis has an order; beside numbers it may hold what is absent."""
    values = [point[name] for point in points if point[name] is not None]
    return bool(values) and all(is_number(value) for value in values)


def _in_cell(point: Mapping[str, Any], name: str, factor: float) -> str:
    if point[name] is None:
        return "diverged"
    low, high = point[f"{name}_low"], point[f"{name}_high"]
    told = f"{factor * point[name]:.3g}"
    return told if low is None else f"{told}\n± {factor * (high - low) / 2:.2g}"
