"""The adding problem: the sum of the two numbers of a sequence that are marked.

References:
    Hochreiter and Schmidhuber, "Long short-term memory", Neural Comput. 9, 1735 (1997), task 4.
"""

import numpy as np

from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.task import Source, Task

# The mean of the sum, which the best answer that is always the same gives; its error is √(1/6).
_MEAN = 1.0


def load(source: Source) -> Dataset:
    """Draws 2,000 training and 1,000 test sequences of (number in [0, 1), mark).

    One mark lies in the first half of a sequence, one in the second. Targets are sum − 1.
    """
    length = int(source.number("length"))
    generator = np.random.RandomState(0)
    numbers = generator.uniform(size=(3000, length))
    marks, rows, half = np.zeros_like(numbers), np.arange(3000), length // 2
    marks[rows, generator.randint(0, half, 3000)] = 1
    marks[rows, generator.randint(half, length, 3000)] = 1
    x = np.stack([numbers, marks], axis=-1).astype(np.float32)
    y = ((numbers * marks).sum(1) - _MEAN).astype(np.float32)
    return checked(
        Dataset("adding", x[:2000], y[:2000], x[2000:], y[2000:], 1.0, classes=None, outputs=1)
    )


ADDING = Task(
    load,
    model="rnn",
    hidden=(32,),
    activation="tanh",
    cost="mse",
    metric="rms_error",
    batch=32,
    windows=20_000,
    rate=0.02,
    solved=0.2,
)
