"""Small colour photographs, 32×32.

References:
    Krizhevsky, technical report, University of Toronto (2009).
"""

from functools import partial

from neuromgd.data import images
from neuromgd.data.task import Task

SET = images.ImageSet(
    "cifar10",
    "uoft-cs/cifar10",
    image="img",
    label="label",
    shape=(32, 32, 3),
    sizes=(50_000, 10_000),
)

CIFAR10 = Task(
    partial(images.load, SET), reads_files=True, hidden=(256, 64), windows=46_332, rate=0.1
)
