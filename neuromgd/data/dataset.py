"""A data set: what a chip learns from and what it is tested on."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from neuromgd.errors import InputError


@dataclass(frozen=True)
class Dataset:
    """Training and test samples, inputs as stored.

    Attributes:
        name: Of the task.
        train_x: (samples, *input) bytes, float32 or integer tokens; a sequence is (samples, time,
            features).
        train_y: (samples, *positions) int32 class numbers, one a sample or one a position of a
            sequence; or (samples, *target) float32 values.
        test_x: (samples, *input).
        test_y: (samples, …), as ``train_y``.
        scale: What a stored input is multiplied by when it is used; None: inputs are tokens and
            stay whole numbers. So do integers wider than a byte that are multiplied by 1.
        classes: How many classes there are; None: targets are values.
        outputs: Width of the network's last layer: 1 where a single output tells two classes, and
            as many as a target has values.
        unit: Of the values.
    """

    name: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    scale: float | None
    classes: int | None
    outputs: int
    unit: str = ""

    @property
    def inputs(self) -> tuple[int, ...]:
        """Shape of one input."""
        return self.train_x.shape[1:]

    @property
    def targets(self) -> Literal["classes", "values"]:
        """What is wanted of the outputs."""
        return "values" if self.classes is None else "classes"

    @property
    def has_tokens(self) -> bool:
        """Whether inputs are shown as the whole numbers that they are."""
        kept = self.train_x.dtype
        return self.scale is None or (self.scale == 1 and kept.kind in "ui" and kept.itemsize > 1)

    @property
    def tokens(self) -> int | None:
        """How many kinds of tokens there are; None: inputs are signals."""
        if not self.has_tokens:
            return None
        return 1 + int(max(self.train_x.max(), self.test_x.max()))

    @property
    def shown_type(self) -> np.dtype:
        """Type of the inputs as the network takes them."""
        if not self.has_tokens:
            return np.dtype(np.float32)
        # JAX holds whole numbers in 32 bits at most.
        kept = self.train_x.dtype
        return kept if kept.itemsize <= 4 else np.dtype(f"{kept.kind}4")


def checked(data: Dataset) -> Dataset:
    """Returns the data set if a chip can learn from it, its values as float32.

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
        if x.dtype.kind == "f" and data.scale is None:
            raise InputError(f"{where}: inputs of {x.dtype} without a scale; tokens are integers")
        _refuse_infinite(where, "input", x)
        if data.classes is None:
            _check_values(where, data, y)
        else:
            _check_classes(where, data, data.classes, y)
    if data.classes is None and {data.train_y.dtype, data.test_y.dtype} != {np.dtype(np.float32)}:
        return dataclasses.replace(
            data, train_y=data.train_y.astype(np.float32), test_y=data.test_y.astype(np.float32)
        )
    return data


def _check_values(where: str, data: Dataset, y: np.ndarray) -> None:
    if y.dtype.kind != "f":
        raise InputError(f"{where}: targets of {y.dtype}, expected floating-point values")
    shape = data.train_y.shape[1:]
    if y.shape[1:] != shape or math.prod(shape) != data.outputs:
        raise InputError(
            f"{where}: targets of shape {y.shape[1:]}, expected {data.outputs} values each"
        )
    _refuse_infinite(where, "target", y)


def _check_classes(where: str, data: Dataset, classes: int, y: np.ndarray) -> None:
    shape = data.train_y.shape[1:]
    if y.dtype.kind not in "ui" or y.shape[1:] != shape:
        raise InputError(f"{where}: labels of {y.dtype} {y.shape}, expected one integer each")
    if y.min() < 0 or y.max() >= classes:
        raise InputError(f"{where}: classes {y.min()} to {y.max()}, expected 0 to {classes - 1}")


def _refuse_infinite(where: str, kind: str, values: np.ndarray) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).reshape(len(values), -1).any(1).argmax())
        article = "an input" if kind == "input" else "a target"
        raise InputError(f"{where}: sample {bad} has {article} that is not a finite number")
