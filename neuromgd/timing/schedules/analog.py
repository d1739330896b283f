"""Continuous operation: the network settles while the perturbation moves; there is no C0."""

from functools import cache

from neuromgd.phases import Phase
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Due, Operation, Program, Schedule
from neuromgd.timing.schedules.due import dues, holds, periods
from neuromgd.timing.schedules.order import Order, once
from neuromgd.timing.schedules.paper_clock import period
from neuromgd.timing.workload import Workload


def analog(hardware: Hardware, workload: Workload, _: Schedule) -> Program:
    """Takes max(F, τ_p) for a timestep; synapses listen and move all the time.

    Broadcast, accumulation and write go on beside the passes and take no time of their own; they
    delay the cost change (a parameter of the bus), not the clock. Their energy is counted.
    """
    both = (("settled", 1), ("period", 1))
    ticks = period(hardware)
    moves = Part("period", Phase.PERTURB, ticks, (("paper_clock", ticks),), (), "period")

    @cache
    def operations(due: Due) -> tuple[Operation, ...]:
        settles = [(part, "perturbed") for part in hardware.forward]
        if due.samples[0] and hardware.load is not None:
            settles.insert(0, (hardware.load, "load"))
        beside = [(part, "broadcast") for part in hardware.feedback]
        beside += [(hardware.accumulate, "synapse")]
        beside += [(hardware.perturb, "synapse")] if due.perturbation else []
        beside += [(hardware.write, "write")] if due.update else []
        return (
            Operation(moves, "perturbed", both, "moved"),
            *(
                Operation(part, cause, (("settled", 1),) if number else both, "settled")
                for number, (part, cause) in enumerate(settles)
            ),
            *(
                Operation(part._replace(ticks=0, pieces=()), cause, (("settled", 1),), "settled")
                for part, cause in beside
                if part is not None
            ),
            Operation(join, "perturbed", (("moved", 1),), "period"),
        )

    join = Part("period", Phase.PERTURB, 0, (), (), "period")
    return Program(
        name="analog",
        periods=periods(workload, 1),
        holds=holds(workload),
        due=dues(workload),
        operations=operations,
        gates=(both,),
        done="settled",
        arbitration=hardware.arbitration,
        variance=hardware.variance,
    )


ANALOG = Order(analog, once, is_continuous=True)
