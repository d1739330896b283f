"""Rooflines: what limits the work of a chip, by how long a window is."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

# Okabe and Ito's colours, told apart also by the colour-blind, and a dash for each.
COLOURS = {"compute": "#0072B2", "converter": "#D55E00", "bus": "#CC79A7", "synapse": "#009E73",
           "write": "#444444"}  # fmt: skip
DASHES = {
    "compute": "-",
    "converter": "--",
    "bus": "-.",
    "synapse": (0, (1, 1)),
    "write": (0, (6, 1)),
}


def roofline(
    windows: Sequence[float],
    limits: Mapping[str, Sequence[float]],
    point: tuple[float, float],
    title: str,
) -> Figure:
    """Draws the limits over the length of a window, and where a run is below them.

    Args:
        windows: Lengths of a window [timestep].
        limits: For each kind of work, the operations a second that a chip would do if nothing else
            took time, for every length [1/s].
        point: Length of the run's own window [timestep], and its operations a second [1/s].
        title: Title of the figure.
    """
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    for name, rates in limits.items():
        axes.plot(windows, rates, color=COLOURS[name], ls=DASHES[name], lw=2, label=f"{name} limit")
    roof = [min(rates) for rates in zip(*limits.values(), strict=True)]
    axes.fill_between(windows, roof, [min(roof) / 30] * len(roof), color="0.93", zorder=0, lw=0)
    axes.plot(*point, "o", color="black", ms=8, label="this run")
    axes.set(xscale="log", yscale="log", xlim=(min(windows), max(windows)))
    highest = max(rate for rates in limits.values() for rate in rates)
    axes.set_ylim(min([*roof, point[1]]) / 3, 3 * highest)
    axes.set_xlabel("window τ_θ: timesteps between two writes")
    axes.set_ylabel("operations of passes a second [1/s]")
    axes.yaxis.set_major_formatter(EngFormatter())
    axes.grid(alpha=0.3, which="both", linewidth=0.5)
    axes.set_title(title, fontsize=10, loc="left")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure
