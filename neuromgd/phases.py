"""The phases of one MGD timestep: the words that the chip and the clock have in common."""

from enum import StrEnum


class Phase(StrEnum):
    """What the hardware does in one interval of a timestep, in the order it does it."""

    LOAD = "load"
    PERTURB = "perturb"
    FORWARD = "forward"
    COST = "cost"
    BROADCAST = "broadcast"
    LEARN = "learn"
    WRITE = "write"
