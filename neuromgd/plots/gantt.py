"""Gantt charts: a track for each resource, a bar for each interval, coloured by what it is for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

# Okabe and Ito's colours, told apart also by the colour-blind.
COLOURS = {
    "load": "#56B4E9",
    "baseline": "#0072B2",
    "perturbed": "#D55E00",
    "inference": "#0072B2",
    "synapse": "#009E73",
    "broadcast": "#CC79A7",
    "write": "#444444",
}
WAIT = "#BBBBBB"

UNITS = ((1e-12, "ps"), (1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"))

# Height of a track, width of a figure and of one character of a label [inch].
TRACK, WIDTH, CHARACTER = 0.32, 9.0, 0.075


def scale(seconds: float) -> tuple[float, str]:
    """Returns the unit in which a stretch of time has one to four digits before the point."""
    fitting = [unit for unit in UNITS if seconds >= 2 * unit[0]]
    return fitting[-1] if fitting else (1e-15, "fs")


def gantt(path: Path | None, intervals: Sequence[Any], tick: float, title: str) -> Figure:
    """Draws intervals of a simulated stretch.

    Each bar is marked with its timestep where that fits; grey hatching is time in which a resource
    holds a result that nobody took yet.

    Args:
        path: File to write; its ending (.svg, .png) says how; None: nowhere.
        intervals: Rows with resource, cause, step, start, end and freed [tick].
        tick: Length of a tick [s].
        title: Title of the figure.
    """
    shown = [one for one in intervals if one.freed > one.start]
    # Tracks in the order in which they are first used.
    tracks = list(dict.fromkeys(one.resource for one in shown))
    end = max((one.freed for one in shown), default=1)
    size, unit = scale(end * tick)
    height = TRACK * len(tracks) + 1.5
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    for one in shown:
        draw(axes, tracks.index(one.resource), one, tick / size, end)
    axes.set_yticks(range(len(tracks)), tracks)
    axes.set_ylim(len(tracks) - 0.4, -0.6)
    axes.set_xlim(0, end * tick / size)
    axes.set_xlabel(f"time [{unit}]; the numbers are timesteps")
    axes.set_title(title, fontsize=10, loc="left")
    axes.grid(axis="x", alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)
    causes = [cause for cause in COLOURS if any(one.cause == cause for one in shown)]
    marks = [Patch(facecolor=COLOURS[cause], label=cause) for cause in causes]
    if any(one.freed > one.end for one in shown):
        marks.append(Patch(facecolor="white", edgecolor=WAIT, hatch="////", label="blocked"))
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), frameon=False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def draw(axes: Any, track: int, one: Any, size: float, end: int) -> None:
    """Draws one interval on its track."""
    start, length = one.start * size, (one.end - one.start) * size
    room = (one.end - one.start) / end * (WIDTH - 2)
    colour = COLOURS[one.cause]
    if length:
        # A bar too short to be seen keeps the width of its own edge.
        edge = "white" if room > CHARACTER else colour
        axes.barh(
            track, length, left=start, height=0.72, color=colour, edgecolor=edge, linewidth=0.5
        )
    if one.freed > one.end:
        axes.barh(
            track, (one.freed - one.end) * size, left=one.end * size, height=0.72,
            facecolor="white", edgecolor=WAIT, hatch="////", linewidth=0.4,
        )  # fmt: skip
    label = str(one.step)
    if room > CHARACTER * (len(label) + 1):
        axes.text(
            start + length / 2, track, label, ha="center", va="center", color="white", fontsize=7
        )
