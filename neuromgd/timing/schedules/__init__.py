"""The orders in which a chip can take its timesteps, by name."""

from neuromgd.errors import InputError
from neuromgd.names import TIMING_SCHEDULES
from neuromgd.registry import Registry
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.schedules.order import Order
from neuromgd.timing.workload import Workload

SCHEDULES: Registry[Order] = Registry(TIMING_SCHEDULES)


def order_of(schedule: Schedule) -> Order:
    """Returns the order that a schedule names.

    Raises:
        InputError: If there is none of that name, or it does not go by a choice that was made.
    """
    if schedule.name not in SCHEDULES:
        raise InputError(f"schedule: read {schedule.name!r}, allowed are {', '.join(SCHEDULES)}")
    order = SCHEDULES[schedule.name]
    for name, default in Schedule._field_defaults.items():
        given = getattr(schedule, name)
        if name != "name" and given != default and name not in order.settings:
            raise InputError(
                f"{name}: read {given!r}, but schedule {schedule.name!r} does not go by it"
            )
    return order


def program(hardware: Hardware, workload: Workload, schedule: Schedule) -> Program:
    """Lays a schedule out on hardware.

    Raises:
        InputError: If there is no such schedule, or hardware or workload do not allow it.
    """
    order, name = order_of(schedule), schedule.name
    if order.needs_forward and not hardware.forward:
        raise InputError(
            f"schedule: read {name!r}, but the sheet has only times.paper_clock; "
            f"{allowed(lambda other: not other.needs_forward)}"
        )
    if workload.chips > 1 and not order.takes_chips:
        raise InputError(
            f"chips: read {workload.chips}, allowed with schedule {name!r} is 1; several chips "
            f"share one cost change by another schedule: {allowed(lambda one: one.takes_chips)}"
        )
    if workload.pass_order == "block" and not order.has_blocks:
        raise InputError(f"pass_order: read 'block', allowed with schedule {name!r} is 'alternate'")
    if hardware.switch is not None and not order.has_switch:
        raise InputError(
            f"times.switch: schedule {name!r} needs a perturbation that each pass selects by "
            "itself, allowed is a platform without times.switch"
        )
    if hardware.variance and not order.is_serial:
        raise InputError(
            f"schedule: read {name!r}, but the time of {', '.join(hardware.variance)} is random; "
            f"{allowed(lambda other: other.is_serial and other.needs_forward)}"
        )
    if order.is_serial:
        hardware = hardware._replace(arbitration={})
    return order.lay_out(hardware, workload, schedule)


def allowed(fits) -> str:
    """Returns which schedules fit, as the end of a complaint."""
    return "allowed are " + ", ".join(name for name, order in SCHEDULES.items() if fits(order))
