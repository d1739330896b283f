"""What schedules share in which one thing happens after the other."""

from collections.abc import Callable, Iterator
from functools import cache

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Due, Operation, Program
from neuromgd.timing.schedules.due import Reads, dues, every, holds, periods
from neuromgd.timing.workload import Workload

Work = Iterator[tuple[Part | None, str, int]]


def in_turn(
    name: str,
    hardware: Hardware,
    workload: Workload,
    order: Callable[[Hardware, Due, bool], Work] | None = None,
    reads: Reads = every,
) -> Program:
    """Lays out a schedule in which every operation waits for the one before.

    Args:
        name: Name of the schedule.
        hardware: Parts of the chip.
        workload: What is run.
        order: Works of a beat: (hardware, what falls due, whether every timestep is broadcast);
            None: C0 and C, timestep by timestep or as two blocks.
        reads: When C0 is read.
    """
    block = workload.pass_order == "block"
    beat = workload.tau_perturbation if block else 1
    works = order or (block_order if block else alternate_order)

    @cache
    def operations(due: Due) -> tuple[Operation, ...]:
        each_step = workload.broadcast == "timestep"
        return tuple(
            Operation(part, cause, (("done", 1),), "done", step=step)
            for part, cause, step in works(hardware, due, each_step)
            if part is not None
        )

    return Program(
        name=name,
        periods=periods(workload, beat),
        holds=holds(workload),
        due=dues(workload, reads),
        operations=operations,
        gates=((("done", 1),),),
        beat=beat,
        arbitration=hardware.arbitration,
        variance=hardware.variance,
    )


def alternate_order(hardware: Hardware, due: Due, each_step: bool) -> Work:
    """One timestep: sample, C0, perturbation on, C, perturbation off, broadcast, write."""
    baseline = due.baselines[0]
    yield from ((hardware.load, "load", 0),) if due.samples[0] else ()
    yield from measure(hardware, "baseline", 0) if baseline else ()
    yield from ((hardware.perturb, "synapse", 0),) if due.perturbation else ()
    yield from ((hardware.switch, "synapse", 0),) if due.perturbation or baseline else ()
    yield from measure(hardware, "perturbed", 0)
    yield from ((hardware.switch, "synapse", 0),) if due.takes_off else ()
    yield from listen(hardware, 0) if due.broadcast or each_step else ()
    yield from writing(hardware, due, 0)


def block_order(hardware: Hardware, due: Due, each_step: bool) -> Work:
    """One held perturbation: all C0, perturbation on, all C, perturbation off, broadcast, write.

    A block of several samples loads each of them twice, because the input holds one sample.
    """
    last = len(due.samples) - 1
    loaded = yield from block(hardware, due, "baseline", due.baselines, None)
    yield hardware.perturb, "synapse", 0
    yield hardware.switch, "synapse", 0
    yield from block(hardware, due, "perturbed", (True,) * (last + 1), loaded, each_step)
    if due.takes_off:
        yield hardware.switch, "synapse", last
    yield from listen(hardware, last) if due.broadcast and not each_step else ()
    yield from writing(hardware, due, last)


def block(
    hardware: Hardware,
    due: Due,
    cause: str,
    wanted: tuple[bool, ...],
    loaded: int | None,
    heard: bool = False,
) -> Iterator:
    """One block of passes; loads a sample whenever the input does not hold it already.

    Args:
        hardware: Parts of the chip.
        due: What falls due; ``samples`` says where the sample changes.
        cause: What the passes are for.
        wanted: For each timestep, whether it has a pass in this block.
        loaded: Which sample of the beat the input holds; None is the one before the beat.
        heard: Whether every pass is followed by a broadcast.
    """
    sample = 0
    for step, runs in enumerate(wanted):
        sample += due.samples[step]
        if runs:
            if sample != (loaded or 0):
                yield hardware.load, "load", step
            loaded = sample
            yield from measure(hardware, cause, step)
            yield from listen(hardware, step) if heard else ()
    return loaded


def measure(hardware: Hardware, cause: str, step: int) -> Work:
    """One forward pass, sample to cost; without a kick outputs have errors to learn by."""
    for part in hardware.forward:
        yield part, cause, step
    if cause == "baseline":
        yield hardware.correct, "synapse", step


def writing(hardware: Hardware, due: Due, step: int) -> Work:
    """The write of all weights, and what fast cells learnt on to slow ones."""
    yield from ((hardware.write, "write", step),) if due.update else ()
    yield from ((hardware.transfer, "transfer", step),) if due.transfer else ()


def listen(hardware: Hardware, step: int) -> Work:
    """The cost change goes out, and every synapse multiplies and adds."""
    for part in hardware.feedback:
        yield part, "broadcast", step
    yield hardware.accumulate, "synapse", step
