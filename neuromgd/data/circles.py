"""Two rings, one inside the other: on which does a point lie?"""

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.task import Source, Task

# Of the rings, about the middle of the unit square, and of the noise across them.
_RADII = (0.4, 0.2)
_NOISE = 0.03


def load(source: Source) -> Dataset:
    """Draws 2,000 training and 1,000 test points, half of them on either ring."""
    del source
    (train_x, train_y), (test_x, test_y) = map(points, (2000, 1000), (1, 2))
    return Dataset("circles", train_x, train_y, test_x, test_y, scale=1.0, classes=2, outputs=2)


def points(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (count, 2) inputs in the unit square and (count,) classes: 0 outer, 1 inner ring."""
    # This generator gives the same numbers with every version of NumPy.
    generator = np.random.RandomState(seed)
    classes = np.arange(count, dtype=np.int32) % 2
    radius = np.take(_RADII, classes) + _NOISE * generator.standard_normal(count)
    angle = generator.uniform(0, 2 * np.pi, count)
    x = 0.5 + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.clip(x, 0, 1).astype(np.float32), classes


CIRCLES = Task(load, hidden=(16,), weight_scale=4.0, batch=32, windows=12_000, rate=0.04)
