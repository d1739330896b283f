"""The tolerance card: how bad each number may be, and what it is today."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromgd.plots.colours import COLOURS
from neuromgd.plots.save import save

# Of a panel, beside its ends [share of its width].
MARGIN = 0.05


def tolerate(
    rows: Sequence[Mapping[str, Any]],
    ends: Mapping[str, tuple[float, float, bool]],
    labels: Mapping[str, str],
    title: str,
    path: Path | None = None,
) -> Figure:
    """Draws a panel for every number, from harmless on the left to harmful on the right.

    Args:
        rows: One row a number, what breaks the design first on top: ``number``, ``today``,
            ``tolerable`` with ``low`` and ``high`` (None: beyond the end that was tried),
            ``margin`` and ``verdict``.
        ends: Number -> its harmless and its harmful end, and whether it goes by the logarithm.
        labels: Number -> what it is called, with its unit.
        title: What is tolerable.
        path: Where to write; the suffix names the format; None: nowhere.
    """
    figure = Figure(figsize=(8.2, 1.3 + 0.95 * len(rows)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(rows), 1))
    for panel, row in zip(panels, rows, strict=True):
        harmless, harmful, is_log = ends[row["number"]]
        _panel(panel, row, harmless, harmful)
        if is_log:
            panel.set_xscale("log")
        low, high = _padded(harmless, harmful, is_log)
        panel.set(xlim=(low, high), ylim=(-1, 1), yticks=[])
        panel.set_ylabel(
            labels[row["number"]], rotation=0, ha="right", va="center", fontsize=9, labelpad=8
        )
        panel.grid(alpha=0.3, axis="x")
        panel.tick_params(labelsize=8)
        for side in ("left", "right", "top"):
            panel.spines[side].set_visible(False)
    found: dict[str, Any] = {}
    for panel in panels:
        for handle, text in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(text, handle)
    figure.legend(found.values(), found, loc="outside lower center", ncols=len(found), fontsize=8)
    figure.suptitle(title, fontsize=11)
    if path is not None:
        save(figure, path)
    return figure


def _panel(panel: Axes, row: Mapping[str, Any], harmless: float, harmful: float) -> None:
    low = harmless if row["low"] is None else row["low"]
    high = harmful if row["high"] is None else row["high"]
    panel.plot([low, high], [0, 0], color=COLOURS[0], lw=7, alpha=0.3, solid_capstyle="butt",
               label="95 % interval")  # fmt: skip
    if row["tolerable"] is not None:
        panel.plot([row["tolerable"]], [0], "o", color=COLOURS[0], ms=7, label="just tolerable")
    else:
        panel.text(0.5, 0.85, row["verdict"], transform=panel.transAxes, fontsize=8,
                   ha="center", va="top")  # fmt: skip
    inside = min(harmless, harmful), max(harmless, harmful)
    today = row["today"]
    if today is not None and inside[0] <= today <= inside[1]:
        panel.plot([today], [0], "D", color=COLOURS[1], ms=7, label="today")
    elif today is not None:
        side = (today < inside[0]) == (harmless < harmful)
        look: dict[str, Any] = dict(color=COLOURS[1], ms=8, clip_on=False)
        panel.plot([0.0 if side else 1.0], [0.5], "<" if side else ">", transform=panel.transAxes,
                   label="today, beyond what was tried", **look)  # fmt: skip


def _padded(harmless: float, harmful: float, is_log: bool) -> tuple[float, float]:
    if is_log:
        step = (harmful / harmless) ** MARGIN
        return harmless / step, harmful * step
    step = MARGIN * (harmful - harmless)
    return harmless - step, harmful + step
