"""The figures of a finished run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from neuromgd.plots.cost_of_learning import cost_of_learning
from neuromgd.plots.history import history
from neuromgd.verdict.row import thinned


@runtime_checkable
class Finished(Protocol):
    """What of a finished run is drawn."""

    @property
    def folder(self) -> Path:
        """Where it was written."""
        ...

    @property
    def summary(self) -> dict[str, Any]:
        """What ``summary.json`` holds."""
        ...

    @property
    def history(self) -> Sequence[Any]:
        """Its rows."""
        ...

    @property
    def plan(self) -> Any:
        """What was run; its metric is drawn."""
        ...


def draw(run: Finished) -> list[Path]:
    """Draws cost and score into the run folder, as the command does, and returns the files.

    Args:
        run: What ``train`` or ``open_run`` returns.
    """
    figures = run.folder / "figures"
    figures.mkdir(exist_ok=True)
    layers, synapses = run.summary["layers"], run.summary["synapses"]
    # No other network has a list of widths.
    network = "-".join(map(str, layers)) if layers else f"{synapses:,} synapses"
    summary, rows, metric = run.summary, thinned(run.history), run.plan.metric
    scores = [[metric.factor * score for score in row.score_per_chip] for row in rows]
    history(
        [row.epoch for row in rows],
        [row.cost_per_chip for row in rows],
        scores,
        metric.label,
        metric.tell(rows[-1].score),
        metric.factor * summary[f"{metric.name}_chance"],
        f"{summary['task']}, {network}, {summary['method']}",
        figures / "history.png",
    )
    if summary["platform"] is not None:
        energy = [row.hardware_joules for row in rows if row.hardware_joules is not None]
        cost_of_learning(
            [row.hardware_seconds or 0.0 for row in rows],
            energy or None,
            scores,
            metric.label,
            f"{summary['task']} on {summary['platform']}",
            figures / "hardware.png",
        )
    return sorted(figures.glob("*.png"))
