"""C0 and C at every timestep, one thing after the other."""

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.schedules.in_turn import in_turn
from neuromgd.timing.schedules.order import Order, twice
from neuromgd.timing.workload import Workload


def two_pass(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Measures C0 and C at every timestep."""
    return in_turn("two_pass", hardware, workload)


TWO_PASS = Order(
    two_pass, twice, is_serial=True, has_blocks=True, has_transfer=True, has_errors=True
)
