"""When each thing falls due, from the hold times of the workload."""

from collections.abc import Callable
from itertools import pairwise
from math import lcm

from neuromgd.timing.program import Due
from neuromgd.timing.workload import Workload

Reads = Callable[[Workload, int], bool]


def every(workload: Workload, step: int) -> bool:
    """C0 is read at every timestep."""
    del workload, step
    return True


def never(workload: Workload, step: int) -> bool:
    """There is no C0."""
    del workload, step
    return False


def dues(workload: Workload, reads: Reads = every) -> Callable[[int, int], Due]:
    """Returns what falls due in a beat, as a function of its first timestep and its length.

    Args:
        workload: Hold times.
        reads: (workload, timestep) -> whether C0 is read.
    """
    held = (workload.tau_sample, workload.tau_perturbation, workload.tau_update)
    tau_sample, tau_perturbation, tau_update = held

    def due(step: int, length: int) -> Due:
        end = step + length
        return Due(
            samples=tuple(n % tau_sample == 0 for n in range(step, end)),
            perturbation=step % tau_perturbation == 0,
            baselines=tuple(reads(workload, n) for n in range(step, end)),
            takes_off=end % tau_perturbation == 0 or reads(workload, end),
            broadcast=end % tau_perturbation == 0,
            update=end % tau_update == 0,
        )

    return due


def periods(workload: Workload, beat: int) -> tuple[int, ...]:
    """Returns the periods of all that falls due: a chain of divisors, or only their multiple."""
    held = (workload.tau_sample, workload.tau_perturbation, workload.tau_update)
    chain = tuple(sorted({max(beat, time) for time in held}))
    if all(large % small == 0 for small, large in pairwise(chain)):
        return chain
    return (lcm(*chain),)
