"""Where the time of a timestep goes on several platforms, and how long one takes."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from neuromgd.plots.gantt import COLOURS
from neuromgd.plots.units import told

# What each part of a timestep is counted as.
KINDS = {"load": "load", "perturb": "synapse", "switch": "synapse", "accumulate": "synapse",
         "subtract": "broadcast", "broadcast": "broadcast", "hop": "broadcast",
         "write": "write"}  # fmt: skip
SHOWN = {"passes": "#0072B2", **{kind: COLOURS[kind] for kind in
         ("load", "synapse", "broadcast", "write")}}  # fmt: skip


def shares(report: Any) -> dict[str, float]:
    """Returns the share of each kind of work in all work of a run."""
    busy = {kind: 0 for kind in SHOWN}
    for resource, line in report.ledger.items():
        busy[KINDS.get(resource, "passes")] += line.busy
    total = sum(busy.values())
    return {kind: ticks / total for kind, ticks in busy.items()}


def breakdown(reports: Mapping[str, Any]) -> Figure:
    """Draws one bar a platform, split by kind of work, marked with the time of a timestep.

    Args:
        reports: Report of a run by name of the platform.
    """
    figure = Figure(figsize=(9, 0.42 * len(reports) + 1.4), layout="constrained")
    axes = figure.subplots()
    for row, report in enumerate(reports.values()):
        left = 0.0
        for kind, share in shares(report).items():
            axes.barh(row, share, left=left, height=0.7, color=SHOWN[kind], label=kind)
            left += share
        axes.text(1.01, row, told(report.seconds_per_timestep, "s"), va="center", fontsize=9)
    axes.set_yticks(range(len(reports)), list(reports))
    axes.set_ylim(len(reports) - 0.4, -0.6)
    axes.set_xlim(0, 1.14)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("share of a timestep, writes included; at the right: its length")
    axes.spines[["top", "right"]].set_visible(False)
    marks, kinds = axes.get_legend_handles_labels()
    first = dict(zip(reversed(kinds), reversed(marks), strict=True))
    figure.legend(
        [first[kind] for kind in SHOWN], list(SHOWN), loc="outside lower center",
        ncols=len(SHOWN), frameon=False,
    )  # fmt: skip
    return figure
