"""The 1,797 handwritten 8×8 digits that scikit-learn carries: real data without a network."""

import gzip
import importlib.util
from pathlib import Path

import numpy as np

from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.task import Source, Task


def load(source: Source) -> Dataset:
    """Loads the digits; every fifth sample of each class is a test sample.

    References:
        Alpaydin and Kaynak, "Optical recognition of handwritten digits", UCI (1998).
    """
    del source
    # Only the file is needed: to import scikit-learn takes longer than to compile a small chip.
    spec = importlib.util.find_spec("sklearn")
    assert spec is not None, "scikit-learn is a dependency of this package"
    path = Path(str(spec.origin)).parent / "datasets" / "data" / "digits.csv.gz"
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, dtype=np.int32, delimiter=",")
    x, y = table[:, :-1].astype(np.uint8).reshape(-1, 8, 8), table[:, -1]
    # The n-th sample of its class, so that both parts have all classes alike.
    rank = np.empty(len(y), int)
    for digit in range(10):
        rank[y == digit] = np.arange((y == digit).sum())
    is_test = rank % 5 == 4
    return checked(
        Dataset("digits", x[~is_test], y[~is_test], x[is_test], y[is_test], 1 / 16, 10, 10)
    )


DIGITS = Task(load, hidden=(64,), windows=12_000, rate=0.6)
