"""A task: where its samples come from, and the choices that train it without tuning."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from neuromgd.data.dataset import Dataset
from neuromgd.numbers import TASK_NUMBERS


class Source(NamedTuple):
    """What a user says about where data comes from.

    Attributes:
        data_dir: Folder with one folder for each data set; None: the environment's, or the net.
        numbers: Of the task, by their names in ``TASK_NUMBERS``; others take their defaults.
    """

    data_dir: Path | None = None
    numbers: Mapping[str, float | None] = {}

    def number(self, name: str) -> float:
        """Returns a number of the task, as given or else its default."""
        given = self.numbers.get(name)
        return float(TASK_NUMBERS[name].default if given is None else given)


class Task(NamedTuple):
    """What is learnt.

    Attributes:
        load: Source -> data set.
        hidden: Widths of the hidden layers.
        model: Name of the network.
        activation: Of the hidden layers.
        output_activation: Of the last layer.
        initial_weights: Distribution of the first weights.
        weight_scale: Network weight that one weight unit of a cell stands for [1/w.u.].
        cost: Of one sample.
        metric: What it is measured by on the test set.
        batch: Samples under one perturbation.
        windows: Length of a run, in windows.
        rate: Learning rate η of plain descent.
        amplitude: Perturbation amplitude Δθ [w.u.].
        node_amplitude: That of neurons, behind an array [output units].
        node_rate: Learning rate η where all arrays kick their neurons; None: the same.
        reads_files: Whether its samples come from files.
        solved: Value of the metric beyond which a chip counts as having solved the task; None:
            there is no such criterion.
    """

    load: Callable[[Source], Dataset]
    hidden: tuple[int, ...]
    model: str = "perceptron"
    activation: str = "relu"
    output_activation: str = "linear"
    initial_weights: str = "lecun"
    weight_scale: float = 1.0
    cost: str = "cross_entropy"
    metric: str = "accuracy"
    batch: int = 128
    windows: int = 20_000
    rate: float = 0.3
    amplitude: float = 1e-3
    node_amplitude: float = 0.1
    node_rate: float | None = None
    reads_files: bool = False
    solved: float | None = None
