"""Handwritten digits, 28×28.

References:
    LeCun et al., Proc. IEEE 86, 2278 (1998).
"""

from functools import partial

from neuromgd.data import images
from neuromgd.data.task import Task

SET = images.ImageSet(
    "mnist", "ylecun/mnist", image="image", label="label", shape=(28, 28), sizes=(60_000, 10_000)
)

MNIST = Task(partial(images.load, SET), hidden=(128, 64), windows=46_332, rate=0.2)
