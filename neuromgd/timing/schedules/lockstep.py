"""Several chips as one: each measures its own cost change, all hear the sum of them.

Equal chips do everything at the same moment, so that one stands for all: its times are theirs, its
energies are multiplied by their number. Only the hub of a star takes their words one by one.
"""

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.schedules.in_turn import in_turn
from neuromgd.timing.schedules.order import Order, twice
from neuromgd.timing.workload import Workload


def lockstep(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Times M equal chips; the sum of their cost changes waits for the last."""
    return in_turn("lockstep", together(hardware, workload.chips), workload)


def together(hardware: Hardware, chips: int) -> Hardware:
    """Returns so many chips as one."""
    feedback = [of_all(part, chips) for part in hardware.feedback]
    if hardware.reduce is not None:
        place = sum(part.name == "subtract" for part in hardware.feedback)
        feedback.insert(place, reduction(hardware.reduce, chips, hardware.reduces_singly))
    return hardware._replace(
        forward=tuple(of_all(part, chips) for part in hardware.forward),
        feedback=tuple(feedback),
        **{
            name: part and of_all(part, chips)
            for name in ("accumulate", "correct", "load", "perturb", "switch", "write", "transfer")
            if (part := getattr(hardware, name)) is not None
        },
    )


def of_all(part: Part, chips: int) -> Part:
    """Returns a part that all chips have, with the energy of all."""
    energy = tuple((name, None if e is None else e * chips) for name, e in part.energy)
    return part._replace(energy=energy)


def reduction(part: Part, chips: int, singly: bool) -> Part:
    """Returns the addition of all cost changes."""
    if not singly:
        return part
    pieces = tuple((name, chips * ticks) for name, ticks in part.pieces)
    return of_all(part._replace(ticks=chips * part.ticks, pieces=pieces), chips)


LOCKSTEP = Order(
    lockstep, twice, is_serial=True, takes_chips=True, has_transfer=True, has_errors=True
)
