"""A data set: what a chip learns from and what it is tested on."""

from dataclasses import dataclass

import numpy as np

from neuromgd.errors import InputError


@dataclass(frozen=True)
class Dataset:
    """Training and test samples, inputs as stored.

    Attributes:
        name: Of the task.
        train_x: (samples, *input) bytes or float32.
        train_y: (samples,) int32 class numbers.
        test_x: (samples, *input).
        test_y: (samples,).
        scale: What a stored input is multiplied by when it is used.
        classes: How many classes there are.
        outputs: Width of the network's last layer: 1 where a single output tells two classes.
    """

    name: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    scale: float
    classes: int
    outputs: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """Shape of one input."""
        return self.train_x.shape[1:]


def checked(data: Dataset) -> Dataset:
    """Returns the data set if a chip can learn from it.

    Raises:
        InputError: If a part is empty, a value is not a finite number, shapes disagree or a class
            number is not whole or out of range.
    """
    for part, x, y in (
        ("training", data.train_x, data.train_y),
        ("test", data.test_x, data.test_y),
    ):
        where = f"{data.name}: {part} set"
        if len(x) == 0:
            raise InputError(f"{where} is empty")
        if len(x) != len(y):
            raise InputError(f"{where}: {len(x)} inputs but {len(y)} labels")
        if x.shape[1:] != data.inputs:
            raise InputError(f"{where}: inputs of shape {x.shape[1:]}, expected {data.inputs}")
        if x.dtype.kind not in "uif":
            raise InputError(f"{where}: inputs of {x.dtype}, expected numbers")
        if y.dtype.kind not in "ui" or y.ndim != 1:
            raise InputError(f"{where}: labels of {y.dtype} {y.shape}, expected one integer each")
        if x.dtype != np.uint8 and not np.isfinite(x).all():
            bad = int((~np.isfinite(x)).reshape(len(x), -1).any(1).argmax())
            raise InputError(f"{where}: sample {bad} has an input that is not a finite number")
        if y.min() < 0 or y.max() >= data.classes:
            raise InputError(
                f"{where}: classes {y.min()} to {y.max()}, expected 0 to {data.classes - 1}"
            )
    return data
