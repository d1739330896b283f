"""Where a sample comes from; a new task is one file and one line here."""

from neuromgd.data.cifar10 import CIFAR10
from neuromgd.data.digits import DIGITS
from neuromgd.data.fashion_mnist import FASHION_MNIST
from neuromgd.data.mnist import MNIST
from neuromgd.data.nist7x7 import NIST7X7
from neuromgd.data.parity import PARITY
from neuromgd.data.task import Task
from neuromgd.data.yinyang import YINYANG

TASKS: dict[str, Task] = {
    "digits": DIGITS,
    "mnist": MNIST,
    "fashion_mnist": FASHION_MNIST,
    "cifar10": CIFAR10,
    "nist7x7": NIST7X7,
    "parity": PARITY,
    "yinyang": YINYANG,
}
