"""When each thing falls due, from the hold times of the workload."""

from collections.abc import Callable
from itertools import pairwise
from math import lcm

from neuromgd.timing.program import Due
from neuromgd.timing.workload import Workload


def dues(workload: Workload, on_demand: bool = False, central: bool = False) -> Callable:
    """Returns what falls due in a beat, as a function of its first timestep and its length.

    Args:
        workload: Hold times.
        on_demand: C0 is measured only after a new sample or a write, not at every timestep.
        central: There is no C0: the cost is measured on both sides.
    """
    held = (workload.tau_sample, workload.tau_perturbation, workload.tau_update)
    tau_sample, tau_perturbation, tau_update = held

    def has_baseline(step: int) -> bool:
        if central:
            return False
        return not on_demand or step % tau_sample == 0 or step % tau_update == 0

    def due(step: int, length: int) -> Due:
        end = step + length
        return Due(
            samples=tuple(n % tau_sample == 0 for n in range(step, end)),
            perturbation=step % tau_perturbation == 0,
            baselines=tuple(has_baseline(n) for n in range(step, end)),
            takes_off=end % tau_perturbation == 0 or has_baseline(end),
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
