"""The two-pass schedule with a second input register: the next sample loads beside the passes."""

from functools import cache

from neuromgd.phases import Phase
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Due, Operation, Program, Schedule
from neuromgd.timing.schedules.due import dues, holds, periods
from neuromgd.timing.schedules.in_turn import alternate_order
from neuromgd.timing.schedules.order import Order, twice
from neuromgd.timing.workload import Workload


def prefetch(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Measures C0 and C at every timestep while the next sample is loaded."""

    @cache
    def operations(due: Due) -> tuple[Operation, ...]:
        each_step = workload.broadcast == "timestep"
        order = alternate_order(hardware, due._replace(samples=(False,)), each_step)
        fetched = fetch(hardware, (("done", 1),)) if due.samples[0] else ()
        needs = (("done", 1), ("taken", 1)) if fetched else (("done", 1),)
        passes = [(part, cause) for part, cause, _ in order if part is not None]
        return (*fetched, *(Operation(part, cause, needs, "done") for part, cause in passes))

    return Program(
        name="prefetch",
        periods=periods(workload, 1),
        holds=holds(workload),
        due=dues(workload),
        operations=operations,
        gates=((("done", 1),), (("taken", 1),)) if hardware.load else ((("done", 1),),),
        fetch=workload.tau_sample if hardware.load else None,
        arbitration=hardware.arbitration,
        variance=hardware.variance,
    )


def fetch(hardware: Hardware, ready: tuple[tuple[str, int], ...]) -> tuple[Operation, ...]:
    """Loads a sample into the spare register and hands it over when the first layer is ready.

    Args:
        hardware: Parts of the chip.
        ready: Tokens that the handover waits for, beside the sample.
    """
    if hardware.load is None:
        return ()
    is_alone = hardware.load.resource == hardware.load.name
    # The handover takes no time: it happens on the first layer, when that becomes free.
    first = hardware.forward[0].resource
    handover = Part("handover", Phase.LOAD, 0, (), (), first)
    return (
        Operation(hardware.load, "load", (("taken", 1),), "loaded", holds=is_alone, priority=1,
                  early=True),
        Operation(
            handover, "load", (*ready, ("loaded", 1)), "taken",
            takes=hardware.load.resource if is_alone else None,
        ),
    )  # fmt: skip


PREFETCH = Order(prefetch, twice, has_errors=True)
