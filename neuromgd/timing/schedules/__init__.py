"""The orders in which a chip can take one timestep; a new one is a file and a line here."""

from collections.abc import Callable

from neuromgd.errors import InputError
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.schedules.analog import analog
from neuromgd.timing.schedules.lockstep import lockstep
from neuromgd.timing.schedules.paper_clock import paper_clock
from neuromgd.timing.schedules.pipelined import pipelined
from neuromgd.timing.schedules.prefetch import prefetch
from neuromgd.timing.schedules.sequential import central, reuse, two_pass
from neuromgd.timing.workload import Workload

SCHEDULES: dict[str, Callable[[Hardware, Workload, Schedule], Program]] = {
    "paper_clock": paper_clock,
    "two_pass": two_pass,
    "reuse": reuse,
    "central": central,
    "prefetch": prefetch,
    "pipelined": pipelined,
    "analog": analog,
    "lockstep": lockstep,
}

# Schedules whose two passes may run as two blocks.
BLOCKS = ("two_pass", "reuse", "central")


def program(hardware: Hardware, workload: Workload, schedule: Schedule) -> Program:
    """Lays a schedule out on hardware.

    Raises:
        InputError: If there is no such schedule, or hardware or workload do not allow it.
    """
    if schedule.name not in SCHEDULES:
        raise InputError(f"schedule: read {schedule.name!r}, allowed are {', '.join(SCHEDULES)}")
    if not hardware.forward and schedule.name != "paper_clock":
        raise InputError(
            f"schedule: read {schedule.name!r}, but the sheet has only times.paper_clock; "
            "allowed is 'paper_clock'"
        )
    if workload.chips > 1 and schedule.name != "lockstep":
        raise InputError(
            f"chips: read {workload.chips}, allowed with schedule {schedule.name!r} is 1; "
            "several chips that share one cost change are schedule 'lockstep'"
        )
    if workload.pass_order == "block" and schedule.name not in BLOCKS:
        raise InputError(
            f"pass_order: read 'block', allowed with schedule {schedule.name!r} is 'alternate'"
        )
    return SCHEDULES[schedule.name](hardware, workload, schedule)
