"""Inference alone: one pass a timestep, nothing is perturbed, told or written."""

from functools import cache

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Due, Operation, Program, Schedule
from neuromgd.timing.schedules.due import dues, holds, periods
from neuromgd.timing.schedules.order import Order, once
from neuromgd.timing.schedules.registers import followed
from neuromgd.timing.workload import Workload


def inference(hardware: Hardware, workload: Workload, schedule: Schedule) -> Program:
    """Sends samples through the network, at most D at a time; each layer works on another one."""
    registers = followed(hardware, workload, schedule.registers, 1, 1)
    gate = (("out", registers),)

    @cache
    def operations(due: Due) -> tuple[Operation, ...]:
        return tuple(through(hardware, due.samples[0], gate))

    return Program(
        name="inference",
        periods=periods(workload, 1),
        holds=holds(workload),
        due=dues(workload),
        operations=operations,
        gates=(gate,),
        done="out",
        depth=registers,
        arbitration=hardware.arbitration,
        variance=hardware.variance,
        registers=registers,
    )


def through(hardware: Hardware, is_new: bool, gate: tuple[tuple[str, int], ...]):
    """One sample: into the input register, and from part to part."""
    ready = gate
    if hardware.load is not None:
        if is_new:
            yield Operation(hardware.load, "load", gate, "loaded")
        ready = (*gate, ("loaded", 1))
    last = len(hardware.forward) - 1
    for number, part in enumerate(hardware.forward):
        yield Operation(part, "inference", ready, "out" if number == last else "passed")
        ready = (("passed", 1),)


INFERENCE = Order(inference, once, has_transfer=True, infers=True, settings=("registers",))
