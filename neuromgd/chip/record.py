"""What is written down while a chip learns."""

from flax import struct

from neuromgd.typing import Leaf


class Record(struct.PyTreeNode, kw_only=True):
    """One window, as an observer of the bus would note it.

    Attributes:
        cost: () mean cost of its timesteps [cost].
        delta_cost: () mean |ΔC| that the meter gave to the bus [cost].
    """

    cost: Leaf
    delta_cost: Leaf
