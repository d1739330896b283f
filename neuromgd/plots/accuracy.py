"""What was reached against what it took, on several platforms: time beside energy."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from neuromgd.plots.colours import COLOURS, MARKS


def accuracy(
    seconds: Mapping[str, Sequence[float]],
    joules: Mapping[str, Sequence[float]],
    score: Sequence[float],
    label: str,
    title: str,
) -> Figure:
    """Draws one line a platform in each of two panels.

    Args:
        seconds: By platform, (rows,) time since the run began [s].
        joules: Likewise the energy [J]; platforms whose energy is not known are left out.
        score: (rows,) what was measured, in the unit of the label; the same on every platform.
        label: What that is, with its unit.
        title: Title of the figure.
    """
    names = list(seconds)
    panels = [(seconds, "time on the hardware [s]", "s")]
    if joules:
        panels.append((joules, "energy [J]", "J"))
    figure = Figure(figsize=(4.7 * len(panels), 4.2), layout="constrained")
    for place, (spent, name, unit) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), place + 1)
        for number, platform in enumerate(names):
            rows = [(x, y) for x, y in zip(spent.get(platform, ()), score, strict=False) if x > 0]
            if rows:
                axes.plot(
                    *zip(*rows, strict=True), color=COLOURS[number % 8],
                    marker=MARKS[number % 8], ms=4, ls=("-", "--", ":")[number // 8 % 3],
                    label=platform, markevery=max(1, len(rows) // 8),
                )  # fmt: skip
        axes.set(xscale="log", xlabel=name, ylabel=label)
        axes.xaxis.set_major_formatter(EngFormatter(unit=unit))
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(alpha=0.3)
    shown = figure.axes[0].get_legend_handles_labels()
    figure.legend(*shown, loc="outside lower center", ncols=min(4, len(names)), frameon=False)
    figure.suptitle(title, fontsize=11)
    return figure
