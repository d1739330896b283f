"""The orders in which a chip can take its timesteps, by name."""

from collections.abc import Callable

from neuromgd.errors import InputError
from neuromgd.names import TIMING_SCHEDULES
from neuromgd.phases import Phase
from neuromgd.registry import Registry
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Program, Schedule, probes
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
    if order.infers:
        hardware = without_training(hardware)
    if order.needs_forward and not hardware.forward:
        raise InputError(
            f"schedule: read {name!r}, but the sheet has only times.paper_clock; "
            f"{allowed(lambda other: not other.needs_forward)}"
        )
    if not workload.writes_late and not order.is_continuous:
        raise InputError(
            f"tau_update: read {workload.tau_update}, allowed with schedule {name!r} is a multiple"
            f" of tau_perturbation ({workload.tau_perturbation})"
        )
    if workload.chips > 1 and not order.takes_chips:
        raise InputError(
            f"chips: read {workload.chips}, allowed with schedule {name!r} is 1; several chips "
            f"share one cost change by another schedule: {allowed(lambda one: one.takes_chips)}"
        )
    if workload.pass_order == "block" and not order.has_blocks:
        raise InputError(f"pass_order: read 'block', allowed with schedule {name!r} is 'alternate'")
    if workload.transfer_every is not None and not order.has_transfer:
        raise InputError(
            f"transfer_every: read {workload.transfer_every}, but schedule {name!r} knows one cell"
            f" a weight; {allowed(lambda one: one.has_transfer)}"
        )
    if workload.by_error and not (order.has_errors or order.infers):
        raise InputError(
            f"by_error: read {workload.by_error}, but schedule {name!r} has no pass in whose errors"
            f" synapses learn; {allowed(lambda one: one.has_errors)}"
        )
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
    is_reloaded = any(part.phase is Phase.WRITE for part in hardware.forward)
    if is_reloaded and not order.is_serial:
        raise InputError(
            f"fit: read 'reload', but passes of schedule {name!r} meet on the chip; "
            f"{allowed(lambda other: other.is_serial and other.needs_forward)}"
        )
    laid_out = order.lay_out(hardware, workload, schedule)
    contested = {} if order.is_serial else where_parts_meet(laid_out)
    return laid_out._replace(arbitration=contested, is_serial=order.is_serial)


def without_training(hardware: Hardware) -> Hardware:
    """Returns the parts of a chip that answers only: from the sample to the outputs."""
    forward = tuple(part for part in hardware.forward if part.name != "cost")
    used = {part.name for part in (*forward, hardware.load) if part is not None}
    return Hardware(
        forward=forward,
        load=hardware.load,
        variance={name: of for name, of in hardware.variance.items() if name in used},
        arbitration=hardware.arbitration,
    )


def where_parts_meet(laid_out: Program) -> dict[str, str]:
    """Returns the arbitration of those resources on which different parts meet.

    What one part does comes in program order anyway.
    """
    parts: dict[str, set[str]] = {}
    for n in probes(laid_out):
        for operation in laid_out.operations(laid_out.due(n, laid_out.beat)):
            parts.setdefault(operation.part.resource, set()).add(operation.part.name)
    return {
        name: rule for name, rule in laid_out.arbitration.items()
        if rule != "fixed" and len(parts.get(name, ())) > 1
    }  # fmt: skip


def allowed(fits: Callable[[Order], bool]) -> str:
    """Returns which schedules fit, as the end of a complaint."""
    return "allowed are " + ", ".join(name for name, order in SCHEDULES.items() if fits(order))


def usual(times: set[str], wanted: str = "two_pass") -> str:
    """Returns the schedule of a sheet with these times, where nobody chooses one."""
    return "paper_clock" if times == {"paper_clock"} else wanted
