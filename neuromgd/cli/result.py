"""What a finished run shows: tables."""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from neuromgd.errors import UntoldWarning
from neuromgd.shown import mean_count, one_line

if TYPE_CHECKING:
    from neuromgd.data.metrics.metric import Metric
    from neuromgd.plots.page.grid import Grid


@contextlib.contextmanager
def telling_of_figures(folder: Path) -> Iterator[None]:
    """Turns whatever goes wrong with the figures of a finished run into a warning."""
    try:
        yield
    except Exception as error:  # the run is done and told in numbers, whatever this is
        reason = str(error).partition("\n")[0]
        warnings.warn(
            f"{folder}: no figures: {type(error).__name__}: {reason}", UntoldWarning, stacklevel=3
        )


def as_table(grid: "Grid") -> Table:
    """Returns a table of texts as a terminal shows it."""
    result = Table(title=grid.caption)
    for head, is_number in zip(grid.heads, grid.is_number, strict=True):
        result.add_column(head, justify="right" if is_number else "left", overflow="fold")
    for row in grid.rows:
        result.add_row(*map(one_line, row))
    return result


def table(summary: dict, metric: "Metric") -> Table:
    """Returns the final table of a run."""
    from neuromgd.sheets.platform import load
    from neuromgd.timing.rendering import quantity

    spread, score = summary[f"{metric.name}_std"], metric.tell(summary[metric.name])
    if spread is not None:
        score += f" ± {metric.tell(spread)} over {summary['chips']} chips"
    rows = {
        f"test {metric.title}": score,
        "always the same answer": metric.tell(summary[f"{metric.name}_chance"]),
        "training cost": f"{summary['cost']:.4f}",
        "network": f"{_network(summary)}, {_told(summary['synapses'])} synapses",
        "timesteps": f"{summary['steps']:,} in {summary['windows']:,} windows",
        "cost readings": f"{summary['cost_readings']:,}",
        "writes per synapse": mean_count(summary["writes_per_synapse"], "–"),
        **_slow(summary),
        "mean |ΔC|": f"{summary['delta_cost']:.3g}",
        "noise of a ΔC": _told(summary["delta_cost_noise"], ".3g"),
        "wall time": f"{summary['wall_seconds']:.1f} s",
    }
    over_time = summary.get(f"{metric.name}_over_time")
    if over_time is not None:
        worst = metric.tell(summary[f"{metric.name}_worst"])
        rows["while all drifts"] = f"{metric.tell(over_time)} on average, {worst} at worst"
    for name, value in summary["diagnostics"].items():
        rows[name.replace("_", " ")] = f"{value:.3g}"
    if summary["platform"] is not None:
        absent = load(summary["platform"]).absent
        without = f" (without what training needs: {', '.join(absent)})" if absent else ""
        rows["platform"] = summary["platform"] + without
        rows["time on the hardware"] = quantity(summary["hardware_seconds"], "s")
        rows["energy"] = quantity(summary["hardware_joules"], "J")
    if stop := summary["stop"]:
        reached = "reached" if stop["is_reached"] else "not reached"
        rows[f"to stop at {stop['at']:g}"] = f"{reached}, window {stop['window']:,} of" + (
            f" {stop['windows']:,}"
        )
    if "solved_share" in summary:
        rows["solved"] = f"{100 * summary['solved_share']:.0f} % of chips"
        if summary["solved_median_step"] is not None:
            rows["solved"] += f", median {summary['solved_median_step']:,.0f} timesteps"
    result = Table(title=f"{summary['task']}, {summary['method']}", show_header=False)
    for name, value in rows.items():
        result.add_row(name, value)
    return result


def _network(summary: dict) -> str:
    """Returns the widths of dense layers, or the name of another network."""
    return "-".join(map(str, summary["layers"])) if summary["layers"] else summary["model"]


def _slow(summary: dict) -> dict[str, str]:
    """Returns the writes of the slow cell of a weight, if it has one."""
    writes = summary["slow_writes_per_synapse"]
    return {} if writes is None else {"of its slow cell": mean_count(writes)}


def _told(number: int | float | None, form: str = ",.0f") -> str:
    return "–" if number is None else format(number, form)
