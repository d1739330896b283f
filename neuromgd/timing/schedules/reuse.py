"""C0 is read only after a new sample or a write; every other timestep uses the last one."""

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.schedules.in_turn import in_turn
from neuromgd.timing.schedules.order import Order
from neuromgd.timing.workload import Workload


def after_change(workload: Workload, step: int) -> bool:
    """Returns whether the sample or the weights are new at a timestep."""
    return step % workload.tau_sample == 0 or step % workload.tau_update == 0


def reuse(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Measures C0 only after a new sample or a write, and C at every timestep."""
    return in_turn("reuse", hardware, workload, reads=after_change)


def passes(workload: Workload, steps: int) -> int:
    """Returns N + #{n < N : X | n or K | n}; one of X and K divides the other."""
    often = min(workload.tau_sample, workload.tau_update)
    return steps - (-steps // often)


REUSE = Order(reuse, passes, is_serial=True, has_blocks=True, has_transfer=True, has_errors=True)
