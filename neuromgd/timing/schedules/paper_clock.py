"""The clock of the MGD papers: a perturbation takes its time, everything else takes none."""

from neuromgd.errors import InputError
from neuromgd.phases import Phase
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Due, Operation, Program, Schedule
from neuromgd.timing.schedules.order import Order, once
from neuromgd.timing.workload import Workload

ALWAYS = Due((False,), False, (False,), False, False, False)


def period(hardware: Hardware) -> int:
    """Returns the perturbation time that the paper's clock counts [tick].

    It is the sheet's own ``paper_clock`` or, without one, a forward pass: a perturbation cannot
    follow another faster than the network settles.
    """
    ticks = hardware.period or hardware.pass_ticks
    if not ticks:
        raise InputError("times.paper_clock: missing, and the sheet has no forward pass either")
    return ticks


def paper_clock(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Counts T = N τ_p and nothing else (McCaughan et al. 2023); it knows no energy."""
    ticks = period(hardware)
    part = Part(
        "perturbation", Phase.FORWARD, ticks, (("paper_clock", ticks),),
        (("paper_clock, which knows none", None),), "perturbation",
    )  # fmt: skip
    only = (Operation(part, "perturbed", (("done", 1),), "done"),)

    def operations(due: Due) -> tuple[Operation, ...]:
        return only

    gates = ((("done", 1),),)
    return Program("paper_clock", (1,), lambda step, length: ALWAYS, operations, gates, (1,))


PAPER_CLOCK = Order(
    paper_clock,
    once,
    is_serial=True,
    needs_forward=False,
    has_transfer=True,
    has_errors=True,
    is_continuous=True,
)
