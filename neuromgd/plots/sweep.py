"""What was measured against what was swept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure


def sweep(
    points: Sequence[dict[str, Any]],
    names: Sequence[str],
    metric: str,
    label: str,
    factor: float,
    title: str,
    path: Path,
) -> None:
    """Draws mean ± standard deviation over chips, one line for every value of the other axes.

    Args:
        points: One row a point: the swept values, the metric under its name (None: no chip that
            did not diverge) and its deviation, ``…_std``.
        names: Of what was swept; the first one is the abscissa.
        metric: Name of what was measured.
        label: What it is, with its unit.
        factor: From what is in the rows to that unit.
        title: What was trained.
        path: Where to write; the suffix names the format.
    """
    figure = Figure(figsize=(6, 4), layout="constrained")
    axis = figure.subplots()
    first, others = names[0], list(names[1:])
    lines: dict[tuple, list[dict]] = {}
    for point in points:
        lines.setdefault(tuple(point[name] for name in others), []).append(point)
    for values, line in lines.items():
        sound = [point for point in line if point[metric] is not None]
        line = sorted(sound, key=lambda point: point[first])
        key = ", ".join(f"{name} = {value:g}" for name, value in zip(others, values, strict=True))
        axis.errorbar(
            [point[first] for point in line],
            [factor * point[metric] for point in line],
            [factor * (point[f"{metric}_std"] or 0) for point in line],
            marker="o", capsize=3, label=key or None,
        )  # fmt: skip
    _scale(axis, np.asarray(sorted({point[first] for point in points}), float))
    axis.set(xlabel=first, ylabel=label, title=title)
    axis.grid(alpha=0.3)
    if others:
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=150)


def _scale(axis: Any, values: np.ndarray) -> None:
    """Takes a logarithmic scale for values that span decades; zero stands apart on the left."""
    positive = values[values > 0]
    if (values < 0).any() or len(positive) < 2 or positive[-1] / positive[0] < 10:
        return
    if len(positive) == len(values):
        axis.set_xscale("log")
    else:
        axis.set_xscale("symlog", linthresh=positive[0])
