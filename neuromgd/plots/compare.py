"""Curves of several runs over each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from neuromgd.plots.page.many_figures import compared
from neuromgd.plots.save import save


def compare(
    runs: Sequence[tuple[str, Sequence[Any]]], factor: float, label: str, path: Path | None = None
) -> Figure:
    """Draws the mean score of every run over epochs, and the middle 90 % of its chips.

    Args:
        runs: Name and rows of the history of each.
        factor: From a score to the unit of the label.
        label: What is measured.
        path: Where to write; the suffix names the format; None: nowhere.
    """
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    compared(figure.subplots(), runs, factor, label)
    if path is not None:
        save(figure, path)
    return figure
