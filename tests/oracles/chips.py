"""Chips in lockstep, each on its own resources; the oracle of one that stands for all."""

from functools import cache

from neuromgd.phases import Phase
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Due, Operation, Program
from neuromgd.timing.schedules.due import dues, holds, periods
from neuromgd.timing.schedules.in_turn import alternate_order
from neuromgd.timing.workload import Workload

Needs = tuple[tuple[str, int], ...]

BARRIER = Part("barrier", Phase.LEARN, 0, (), (), "barrier")


def lockstep_of(chips: tuple[Hardware, ...], workload: Workload) -> Program:
    """Times chips that may differ: passes run at each chip's own pace, the sum waits for all."""
    each_step = workload.broadcast == "timestep"

    @cache
    def operations(due: Due) -> tuple[Operation, ...]:
        return tuple(timestep(chips, due, each_step))

    return Program(
        name="lockstep",
        periods=periods(workload, 1),
        due=dues(workload),
        operations=operations,
        gates=((("done", 1),),),
        holds=holds(workload),
        arbitration=chips[0].arbitration,
        variance=chips[0].variance,
    )


def timestep(chips: tuple[Hardware, ...], due: Due, each_step: bool):
    """One timestep of all chips, up to the barrier that ends it."""
    everyone = tuple((f"chip {number}", 1) for number, _ in enumerate(chips))
    alone = due._replace(broadcast=False, update=False)
    for number, hardware in enumerate(chips):
        works = [(p, c) for p, c, _ in alternate_order(hardware, alone, False) if p is not None]
        yield from in_turn(number, works, (("done", 1),))
    if due.broadcast or each_step:
        yield from feedback(chips, everyone)
    if due.update:
        for number, hardware in enumerate(chips):
            yield from in_turn(number, [(hardware.write, "write")], ((f"chip {number}", 1),))
    yield Operation(BARRIER, "synapse", (*everyone, ("heard", 1)), "done")


def feedback(chips: tuple[Hardware, ...], everyone: Needs):
    """Every chip subtracts, the differences are added over the links, all hear the sum."""
    for number, hardware in enumerate(chips):
        own = [(part, "broadcast") for part in hardware.feedback if part.name == "subtract"]
        yield from in_turn(number, own, ((f"chip {number}", 1),))
    before, reduce = everyone, chips[0].reduce
    if reduce is not None and chips[0].reduces_singly:
        # The hub of a star takes one word at a time.
        for number, _ in enumerate(chips):
            token = f"chip {number}"
            yield Operation(reduce, "broadcast", ((token, 1),), token, priority=number)
    elif reduce is not None:
        yield Operation(reduce, "broadcast", everyone, "heard")
        before = (("heard", 1),)
    for part in chips[0].feedback:
        if part.name != "subtract":
            yield Operation(part, "broadcast", before, "heard")
            before = (("heard", 1),)
    for number, hardware in enumerate(chips):
        yield from in_turn(number, [(hardware.accumulate, "synapse")], before)


def in_turn(chip: int, works: list, first: Needs):
    """Puts works on the resources of one chip, one after the other."""
    token = f"chip {chip}"
    needs = first
    for part, cause in works:
        if part is not None:
            own = part._replace(resource=f"{token}: {part.resource}")
            yield Operation(own, cause, needs, token)
            needs = ((token, 1),)
