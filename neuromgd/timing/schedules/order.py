"""The interface of a timing schedule: the order in which a chip takes its timesteps."""

from collections.abc import Callable
from typing import NamedTuple

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.workload import Workload


class Order(NamedTuple):
    """One timing schedule, and what may be asked of it.

    Attributes:
        lay_out: (hardware, workload, schedule) -> its program.
        passes: (workload, timesteps) -> forward passes of one chip in so many timesteps.
        is_serial: Whether one thing happens after the other: all times are on the critical path,
            random ones add up, and nothing ever waits for a shared resource.
        has_blocks: Whether the two passes of a held perturbation may run as two blocks.
        has_switch: Whether it can put a perturbation on the weights and take it off.
        needs_forward: Whether it runs forward passes, so that the sheet must have one.
        has_transfer: Whether weights may have two cells, one of which is read into the other.
        has_errors: Whether synapses may learn by the errors of outputs, in passes without kicks.
        takes_chips: Whether several chips may share one cost change.
        is_continuous: Whether weights may be written while a kick is on.
        infers: Whether it does not train, so that only a forward pass is laid out.
        settings: What of a ``Schedule``, beside the name, it goes by.
    """

    lay_out: Callable[[Hardware, Workload, Schedule], Program]
    passes: Callable[[Workload, int], int]
    is_serial: bool = False
    has_blocks: bool = False
    has_switch: bool = True
    needs_forward: bool = True
    takes_chips: bool = False
    has_transfer: bool = False
    has_errors: bool = False
    is_continuous: bool = False
    infers: bool = False
    settings: tuple[str, ...] = ()


def once(workload: Workload, steps: int) -> int:
    """Returns the passes of a schedule with one at every timestep."""
    del workload
    return steps


def twice(workload: Workload, steps: int) -> int:
    """Returns the passes of a schedule with two at every timestep."""
    del workload
    return 2 * steps
