"""The cost at both signs of the perturbation, and never C0."""

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Due, Program, Schedule
from neuromgd.timing.schedules.due import never
from neuromgd.timing.schedules.in_turn import Work, block, in_turn, listen, writing
from neuromgd.timing.schedules.order import Order, twice
from neuromgd.timing.workload import Workload


def central(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Measures the cost at +θ̃ and at -θ̃ at every timestep, and never C0."""
    return in_turn("central", hardware, workload, central_order, never)


def central_order(hardware: Hardware, due: Due, each_step: bool) -> Work:
    """One beat: +θ̃ on, passes, off; -θ̃ on, passes, off; broadcast, write.

    The sign is turned while the perturbation is off, which costs as much as setting a new one.
    """
    last, loaded = len(due.samples) - 1, None
    everywhere = (True,) * (last + 1)
    for is_second in (False, True):
        yield hardware.perturb, "synapse", 0
        yield hardware.switch, "synapse", 0
        heard = each_step and is_second
        loaded = yield from block(hardware, due, "perturbed", everywhere, loaded, heard)
        yield hardware.switch, "synapse", last
    yield from listen(hardware, last) if due.broadcast and not each_step else ()
    yield from writing(hardware, due, last)


CENTRAL = Order(central, twice, is_serial=True, has_blocks=True, has_transfer=True)
