"""The figure of docs/performance.md."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, NullFormatter

from benchmarks.size import CHIPS, HIDDEN, label, synapses


def draw(measured: dict[str, Any], path: Path) -> None:
    """Draws the ratios to the floor, time against size, and many small chips.

    Args:
        measured: What ``report.numbers`` gives.
        path: Where to write; the suffix names the format.
    """
    panels = {"network": _ratios, "size": _sizes, "parity": _speeds}
    shown = {name: panel for name, panel in panels.items() if name in measured["groups"]}
    if not shown:
        return
    figure = Figure(figsize=(5 * len(shown), 4), layout="constrained")
    axes = figure.subplots(1, len(shown), squeeze=False)[0]
    for axis, (name, panel) in zip(axes, shown.items(), strict=True):
        panel(axis, measured["groups"][name])
    figure.savefig(path, dpi=150)


def _median(timing: dict[str, Any]) -> float:
    return float(np.median(timing["seconds"]))


def _ratios(axis: Axes, group: dict[str, Any]) -> None:
    found = {finding["name"]: finding for finding in group["findings"]}
    ratios = {
        name.removesuffix(" / floor"): finding
        for name, finding in reversed(found.items())
        if name.endswith(" / floor")
    }
    values = [finding["value"] for finding in ratios.values()]
    axis.plot(values, list(ratios), "o", color="C0")
    for place, finding in enumerate(ratios.values()):
        right = 1.15 * max(finding["value"], finding["at_most"] or 0)
        axis.text(right, place, f"{finding['value']:.3g}", va="center", size=8)
        if finding["at_most"] is not None:
            axis.plot([finding["at_most"]] * 2, [place - 0.4, place + 0.4], color="C3", lw=2)
    axis.set_xscale("log")
    axis.set(xlim=(0.8, 3 * max(values)), xlabel="time of a window / two bare forward passes")
    axis.set_title("784-128-64-10, 128 samples (red: asked)", fontsize=10)
    axis.axvline(1, color="black", lw=0.8)
    axis.grid(alpha=0.3)


def _sizes(axis: Axes, group: dict[str, Any]) -> None:
    for chip, what in CHIPS.items():
        points = [
            (synapses(hidden), _median(group["cases"][f"{chip}-{label(hidden)}"]))
            for hidden in HIDDEN
            if f"{chip}-{label(hidden)}" in group["cases"]
        ]
        axis.loglog(*zip(*points, strict=True), marker="o", label=what)
    axis.yaxis.set_major_formatter(EngFormatter(unit="s"))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set(xlabel="synapses", ylabel="time of a window")
    axis.set_title("window of 128 samples against size", fontsize=10)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)


def _speeds(axis: Axes, group: dict[str, Any]) -> None:
    speeds = {timing["what"]: 1 / _median(timing) for _, timing in reversed(group["cases"].items())}
    axis.plot(list(speeds.values()), list(speeds), "o", color="C2")
    axis.set_xscale("log")
    axis.grid(alpha=0.3)
    axis.set(xlabel="chip-timesteps per second")
    axis.set_title("2-bit parity, 2-2-1", fontsize=10)
    axis.tick_params(axis="y", labelsize=8)
