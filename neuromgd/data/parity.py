"""n-bit parity: is the number of ones odd? All 2ⁿ patterns are both training and test set."""

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.task import Source, Task


def load(source: Source) -> Dataset:
    """Lists all patterns of some bits.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023): network n-n-1 of logistic neurons.
    """
    bits = int(source.number("bits"))
    number = np.arange(2**bits)
    x = (number[:, None] >> np.arange(bits) & 1).astype(np.uint8)
    y = (x.sum(1) % 2).astype(np.int32)
    return Dataset("parity", x, y, x, y, scale=1.0, classes=2, outputs=1)


PARITY = Task(
    load,
    hidden=(2,),
    activation="sigmoid",
    output_activation="sigmoid",
    initial_weights="uniform",
    weight_scale=10.0,
    cost="mse",
    batch=4,
    windows=25_000,
    rate=0.03,
    solved=0.9,
)
