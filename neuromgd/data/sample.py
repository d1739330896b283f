"""A sample: what is shown to the chip and what is wanted of it."""

from flax import struct

from neuromgd.typing import Leaf


class Sample(struct.PyTreeNode):
    """One sample, or several along a leading axis.

    Attributes:
        x: (*samples, *input) input, as stored (bytes) or as used (floats).
        y: (*samples, *target) class number or target values.
    """

    x: Leaf
    y: Leaf
