"""A row of the history: what a host sees of the chips between two chunks of windows."""

from typing import NamedTuple


class Row(NamedTuple):
    """The chips after some windows. In files the score has the name of the task's metric.

    Attributes:
        window: Windows that are done.
        step: Timesteps that are done.
        epoch: Passes through the training set that are done.
        cost: Mean cost since the row before, over all chips [cost].
        score: The task's metric on the test set, mean over all chips.
        cost_per_chip: The same of every chip.
        score_per_chip: The same of every chip.
        delta_cost: Mean |ΔC| since the row before [cost].
        hardware_seconds: Time on the hardware since the run began [s]; None: no platform.
        hardware_joules: Energy since then [J]; None: no platform, or it does not know.
        delta_cost_per_chip: Mean |ΔC| of every chip since the row before [cost]; None: not kept.
    """

    window: int
    step: int
    epoch: float
    cost: float
    score: float
    cost_per_chip: list[float]
    score_per_chip: list[float]
    delta_cost: float
    hardware_seconds: float | None = None
    hardware_joules: float | None = None
    delta_cost_per_chip: list[float] | None = None
