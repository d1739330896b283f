"""Timesteps that overlap: each layer works on another pass, D perturbations are under way."""

from functools import cache

from neuromgd.errors import InputError
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.program import Due, Operation, Program, Schedule
from neuromgd.timing.schedules.due import dues, holds, periods
from neuromgd.timing.schedules.order import Order, twice
from neuromgd.timing.schedules.prefetch import fetch
from neuromgd.timing.schedules.registers import followed
from neuromgd.timing.workload import Workload

# Writings ago that a window waits for: its own weights, those of a window before, or none.
BACKPRESSURE = {"drained": 1, "behind": 2, "unbounded": None}

Needs = tuple[tuple[str, int], ...]


def pipelined(hardware: Hardware, workload: Workload, schedule: Schedule) -> Program:
    """Starts a timestep as soon as a perturbation register is free.

    With D registers the perturbation of one timestep is on the weights while the cost change of
    another is still on its way, so each synapse stores D of them.
    """
    if schedule.writes not in BACKPRESSURE:
        raise InputError(f"writes: read {schedule.writes!r}, allowed are {', '.join(BACKPRESSURE)}")
    lag = BACKPRESSURE[schedule.writes]
    each_step = workload.broadcast == "timestep"
    held = 1 if each_step else workload.tau_perturbation
    registers = followed(hardware, workload, schedule.registers, 2, held)
    gate: Needs = (("heard", registers), *((("written", lag),) if lag else ()))

    @cache
    def operations(due: Due) -> tuple[Operation, ...]:
        return tuple(timestep(hardware, due, gate, each_step))

    return Program(
        name="pipelined",
        periods=periods(workload, 1),
        holds=holds(workload),
        due=dues(workload),
        operations=operations,
        gates=(gate, (("taken", 1),)) if hardware.load else (gate,),
        done="perturbed",
        depth=registers * held,
        fetch=workload.tau_sample if hardware.load else None,
        arbitration=hardware.arbitration,
        variance=hardware.variance,
        registers=registers,
    )


def timestep(hardware: Hardware, due: Due, gate: Needs, each_step: bool):
    """One timestep: perturbation, two passes one behind the other, feedback, write."""
    ready = gate
    if due.perturbation and hardware.perturb is not None:
        yield Operation(hardware.perturb, "synapse", gate, "set")
    if hardware.perturb is not None:
        ready = (*gate, ("set", 1))
    if due.samples[0] and hardware.load is not None:
        yield from fetch(hardware, ready)
    if hardware.load is not None:
        ready = (*ready, ("taken", 1))
    for cause in ("baseline", "perturbed"):
        for number, part in enumerate(hardware.forward):
            yield Operation(part, cause, ((cause, 1),) if number else ready, cause)
    if due.broadcast or each_step:
        yield from feedback(hardware)
    if due.update and hardware.write is not None:
        yield Operation(hardware.write, "write", (("heard", 1),), "written")


def feedback(hardware: Hardware):
    """The cost change goes out while the next passes run; its end frees a register."""
    parts = [(part, "broadcast") for part in hardware.feedback]
    if hardware.accumulate is not None:
        parts.append((hardware.accumulate, "synapse"))
    if not parts:
        raise InputError("pipelined: the platform has neither a broadcast nor an accumulate time")
    before: Needs = (("baseline", 1), ("perturbed", 1))
    for number, (part, cause) in enumerate(parts, 1):
        gives = "heard" if number == len(parts) else "fed_back"
        yield Operation(part, cause, before, gives)
        before = (("fed_back", 1),)


PIPELINED = Order(pipelined, twice, has_switch=False, settings=("registers", "writes"))
