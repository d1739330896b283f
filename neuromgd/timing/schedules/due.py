"""When each thing falls due, from the hold times of the workload."""

from collections.abc import Callable
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
    tau_sample, tau_perturbation, tau_update, *_ = holds(workload)
    tau_transfer = workload.tau_transfer

    def due(step: int, length: int) -> Due:
        end = step + length
        return Due(
            samples=tuple(n % tau_sample == 0 for n in range(step, end)),
            perturbation=step % tau_perturbation == 0,
            baselines=tuple(reads(workload, n) for n in range(step, end)),
            takes_off=end % tau_perturbation == 0 or reads(workload, end),
            broadcast=end % tau_perturbation == 0,
            update=end % tau_update == 0,
            transfer=tau_transfer is not None and end % tau_transfer == 0,
        )

    return due


def holds(workload: Workload) -> tuple[int, ...]:
    """Returns the times after which something else falls due."""
    always = workload.tau_sample, workload.tau_perturbation, workload.tau_update
    return always if workload.tau_transfer is None else (*always, workload.tau_transfer)


def periods(workload: Workload, beat: int) -> tuple[int, ...]:
    """Returns the periods of all that falls due, each a divisor of the next."""
    chain: list[int] = []
    for time in sorted({max(beat, time) for time in holds(workload)}):
        if chain and time % chain[-1]:
            chain[-1] = lcm(chain[-1], time)
        elif time not in chain:
            chain.append(time)
    return tuple(chain)
