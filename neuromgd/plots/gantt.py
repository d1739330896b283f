"""Gantt charts: a track for each resource, a bar for each interval, coloured by what it is for."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from neuromgd.plots.broken import Axis, axis, mark, ticks
from neuromgd.plots.units import told

# Okabe and Ito's colours, told apart also by the colour-blind.
COLOURS = {
    "load": "#56B4E9",
    "baseline": "#0072B2",
    "perturbed": "#D55E00",
    "inference": "#0072B2",
    "synapse": "#009E73",
    "broadcast": "#CC79A7",
    "write": "#444444",
    "transfer": "#E69F00",
}
WAIT = "#BBBBBB"

UNITS = ((1e-12, "ps"), (1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"))

# Height of a track, width of a figure and of one character of a label [inch].
TRACK, WIDTH, CHARACTER = 0.32, 9.0, 0.075


def scale(seconds: float) -> tuple[float, str]:
    """Returns the unit in which a stretch of time has one to four digits before the point."""
    fitting = [unit for unit in UNITS if seconds >= 2 * unit[0]]
    return fitting[-1] if fitting else (1e-15, "fs")


def gantt(
    intervals: Sequence[Any],
    tick: float,
    title: str,
    window: tuple[float, float] | None = None,
    is_broken: bool = True,
) -> Figure:
    """Draws intervals of a simulated stretch.

    Each bar is marked with its timestep where that fits; grey hatching is time in which a resource
    holds a result that nobody took yet. Stretches in which nothing changes, and that are longer
    than all others together, are cut short: the axis is broken there, and their length told above.

    Args:
        intervals: Rows with resource, cause, step, start, end and freed [tick].
        tick: Length of a tick [s].
        title: Title of the figure.
        window: From when to when [s]; None: all of them.
        is_broken: Whether the axis may be broken.
    """
    begin, end = window or (0.0, max((one.freed for one in intervals), default=1) * tick)
    shown = [
        one for one in intervals
        if one.freed > one.start and one.start * tick < end and one.freed * tick > begin
    ]  # fmt: skip
    # Tracks in the order in which they are first used.
    tracks = list(dict.fromkeys(one.resource for one in shown))
    moments = [tick * moment for one in shown for moment in (one.start, one.end, one.freed)]
    own = axis(moments, begin, end, is_broken)
    size, unit = scale(own.width)
    figure = Figure(figsize=(WIDTH, TRACK * max(2, len(tracks)) + 1.7), layout="constrained")
    axes = figure.subplots()
    for one in shown:
        draw(axes, tracks.index(one.resource), one, tick, own, size)
    axes.set_yticks(range(len(tracks)), tracks)
    axes.set_ylim(len(tracks) - 0.4, -0.6)
    axes.set_xlim(0, own.width / size)
    places, labels = ticks(own, size)
    axes.set_xticks([place / size for place in places], labels)
    axes.set_xlabel(f"time [{unit}]; the numbers in bars are timesteps")
    has_breaks = any(one.is_broken for one in own.stretches)
    axes.set_title(title, fontsize=10, loc="left", pad=16 if has_breaks else None)
    axes.grid(axis="x", alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)
    mark(axes, own, 1 / size, lambda seconds: told(seconds, "s"))
    causes = [cause for cause in COLOURS if any(one.cause == cause for one in shown)]
    marks = [Patch(facecolor=COLOURS[cause], label=cause) for cause in causes]
    if any(one.freed > one.end for one in shown):
        marks.append(Patch(facecolor="white", edgecolor=WAIT, hatch="////", label="blocked"))
    if has_breaks:
        marks.append(Patch(facecolor="0.9", label="// broken axis"))
    columns = max(1, len(marks))
    figure.legend(handles=marks, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def draw(axes: Axes, track: int, one: Any, tick: float, own: Axis, size: float) -> None:
    """Draws one interval on its track, as far as the axis goes."""
    first, last = own.stretches[0].start, own.stretches[-1].end
    place = lambda moment: own.at(min(max(moment * tick, first), last)) / size
    start, end, freed = place(one.start), place(one.end), place(one.freed)
    room = (end - start) * size / own.width * (WIDTH - 2)
    colour = COLOURS[one.cause]
    if end > start:
        # A bar too short to be seen keeps the width of its own edge.
        edge = "white" if room > CHARACTER else colour
        axes.barh(
            track, end - start, left=start, height=0.72, color=colour, edgecolor=edge, linewidth=0.5
        )
    if freed > end:
        axes.barh(
            track, freed - end, left=end, height=0.72,
            facecolor="white", edgecolor=WAIT, hatch="////", linewidth=0.4,
        )  # fmt: skip
    label = str(one.step)
    if room > CHARACTER * (len(label) + 1):
        axes.text(
            (start + end) / 2, track, label, ha="center", va="center", color="white", fontsize=7
        )
