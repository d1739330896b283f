"""Parity of the first signs of a sequence, which has to be kept while others follow."""

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.task import Source, Task
from neuromgd.errors import InputError


def load(source: Source) -> Dataset:
    """Draws 2,000 training and 1,000 test sequences of signs; class 1 is an odd number of −1.

    No linear readout of whatever linear memory tells the two classes apart: each sign of the cue is
    as often + as − in both.
    """
    bits, length = int(source.number("bits")), int(source.number("length"))
    if length < bits:
        raise InputError(f"option length = {length}: the cue alone has bits = {bits}")
    generator = np.random.RandomState(0)
    x = 1 - 2 * generator.randint(0, 2, (3000, length, 1))
    y = ((x[:, :bits, 0] < 0).sum(1) % 2).astype(np.int32)
    x = x.astype(np.float32)
    return Dataset(
        "delayed_parity", x[:2000], y[:2000], x[2000:], y[2000:], scale=1.0, classes=2, outputs=2
    )


DELAYED_PARITY = Task(
    load,
    model="state_space",
    hidden=(16, 16),
    batch=32,
    windows=20_000,
    rate=0.03,
    solved=0.98,
)
