"""The yin-yang task: which part of the symbol does a point lie in — yin, yang or a dot?"""

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.task import Source, Task

_RADIUS = 0.5
_DOT = 0.1


def load(source: Source) -> Dataset:
    """Draws 5,000 training and 1,000 test points, all three classes alike, always the same ones.

    An input is (x, y, 1−x, 1−y), which makes up for missing biases.

    References:
        Kriener, Göltz and Petrovici, "The Yin-Yang dataset", NICE (2022).
    """
    del source
    train_x, train_y = points(5000, np.random.default_rng(42))
    test_x, test_y = points(1000, np.random.default_rng(41))
    return Dataset("yinyang", train_x, train_y, test_x, test_y, scale=1.0, classes=3, outputs=3)


def points(count: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns (count, 4) inputs and (count,) classes: 0 yin, 1 yang, 2 dot."""
    classes = np.arange(count, dtype=np.int32) % 3
    found: list[list[np.ndarray]] = [[], [], []]
    wanted = np.bincount(classes, minlength=3)
    while any(len(got) < want for got, want in zip(found, wanted, strict=True)):
        candidates = generator.uniform(0, 2 * _RADIUS, (4 * count, 2))
        centred = candidates - _RADIUS
        inside = candidates[np.hypot(*centred.T) <= _RADIUS]
        for point, which in zip(inside, part(inside), strict=True):
            found[which].append(point)
    xy = np.empty((count, 2))
    for which in range(3):
        xy[classes == which] = found[which][: wanted[which]]
    return np.concatenate([xy, 1 - xy], axis=1).astype(np.float32), classes


def part(xy: np.ndarray) -> np.ndarray:
    """Returns the (n,) part of the symbol that each (n, 2) point of the disc lies in."""
    x, y = xy.T
    right = np.hypot(x - 1.5 * _RADIUS, y - _RADIUS)
    left = np.hypot(x - 0.5 * _RADIUS, y - _RADIUS)
    is_dot = (right < _DOT) | (left < _DOT)
    is_yin = (left <= 0.5 * _RADIUS) | ((y > _RADIUS) & (right > 0.5 * _RADIUS))
    return np.where(is_dot, 2, np.where(is_yin, 0, 1))


YINYANG = Task(load, hidden=(30,), weight_scale=4.0, windows=40_000, rate=0.04)
