"""Friedman's first regression problem: a smooth function of five of ten inputs, with noise.

References:
    Friedman, "Multivariate adaptive regression splines", Ann. Statist. 19, 1 (1991), section 4.3.
"""

import numpy as np

from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.task import Source, Task

# Half of what the function ranges over, from 0 to 30: targets lie between −1 and 1, but for noise.
_HALF = 15.0
_NOISE = 1.0


def load(source: Source) -> Dataset:
    """Draws 2,000 training and 1,000 test samples; no answer has an error below the noise, 1/15."""
    del source
    (train_x, train_y), (test_x, test_y) = map(points, (2000, 1000), (1, 2))
    return checked(
        Dataset("friedman1", train_x, train_y, test_x, test_y, scale=1.0, classes=None, outputs=1)
    )


def points(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (count, 10) inputs, uniform in [0, 1), and (count,) targets."""
    # This generator gives the same numbers with every version of NumPy.
    generator = np.random.RandomState(seed)
    x = generator.uniform(size=(count, 10))
    y = function(x) + _NOISE * generator.standard_normal(count)
    return x.astype(np.float32), (y / _HALF - 1).astype(np.float32)


def function(x: np.ndarray) -> np.ndarray:
    """Returns (samples,) 10 sin(π x₁x₂) + 20 (x₃ − ½)² + 10 x₄ + 5 x₅ of (samples, 10) inputs."""
    wave = 10 * np.sin(np.pi * x[:, 0] * x[:, 1])
    return wave + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]


# Solved is what no straight line reaches: linear least squares have an error of 0.169.
FRIEDMAN1 = Task(
    load,
    hidden=(8,),
    cost="mse",
    metric="rms_error",
    batch=32,
    windows=60_000,
    rate=0.15,
    solved=0.169,
)
