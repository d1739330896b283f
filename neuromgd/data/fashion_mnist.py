"""Articles of clothing, 28×28.

References:
    Xiao, Rasul and Vollgraf, arXiv:1708.07747 (2017).
"""

from functools import partial

from neuromgd.data import images
from neuromgd.data.task import Task

SET = images.ImageSet(
    "fashion_mnist",
    "zalando-datasets/fashion_mnist",
    image="image",
    label="label",
    shape=(28, 28),
    sizes=(60_000, 10_000),
)

FASHION_MNIST = Task(
    partial(images.load, SET),
    reads_files=True,
    hidden=(128, 64),
    windows=46_332,
    rate=0.2,
    node_rate=0.02,
)
