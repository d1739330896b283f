"""The yin-yang task: in which part of the symbol — yin, yang, a dot — does a point lie?"""

import math

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.task import Source, Task

_RADIUS = 0.5
_DOT = 0.1
# Of the training and of the test set, as its authors give them.
_SEEDS = (42, 40)


def load(source: Source) -> Dataset:
    """Draws the authors' 5,000 training and 1,000 test points, all three classes alike.

    An input is (x, y, 1−x, 1−y), which makes up for missing biases.

    References:
        Kriener, Göltz and Petrovici, "The Yin-Yang dataset", NICE (2022), and the seeds in
        github.com/lkriener/yin_yang_data_set.
    """
    del source
    (train_x, train_y), (test_x, test_y) = map(points, (5000, 1000), _SEEDS)
    return Dataset("yinyang", train_x, train_y, test_x, test_y, scale=1.0, classes=3, outputs=3)


def points(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (count, 4) inputs and (count,) classes, numbered as theirs: 0 yang, 1 yin, 2 dot.

    A class is drawn, then points of the square until one lies in it.
    """
    # The authors' generator, and in their order, so that the points are theirs.
    generator = np.random.RandomState(seed)
    xy, classes = np.empty((count, 2)), np.empty(count, np.int32)
    for n in range(count):
        classes[n] = generator.randint(3)
        while True:
            xy[n] = generator.rand(2) * 2 * _RADIUS
            if part(*xy[n]) == classes[n]:
                break
    return np.concatenate([xy, 1 - xy], axis=1).astype(np.float32), classes


def part(x: float, y: float) -> int | None:
    """Returns the part of the symbol that a point lies in; None outside."""
    if math.hypot(x - _RADIUS, y - _RADIUS) > _RADIUS:
        return None
    right = math.hypot(x - 1.5 * _RADIUS, y - _RADIUS)
    left = math.hypot(x - 0.5 * _RADIUS, y - _RADIUS)
    if right < _DOT or left < _DOT:
        return 2
    is_yin = left <= 0.5 * _RADIUS or (y > _RADIUS and right > 0.5 * _RADIUS)
    return int(is_yin)


YINYANG = Task(load, hidden=(30,), weight_scale=4.0, windows=40_000, rate=0.04)
