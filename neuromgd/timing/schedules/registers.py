"""How many registers are ever of use, so that a run with a million costs no more than with those.

Where every part has a resource of its own, a timestep goes through the parts in their order. The
end of a run is the longest path through its operations, and a path that waits for a register jumps
from the feedback of one timestep to a pass D timesteps later. Before and after that it gains at
most s, the load of the busiest resource in a timestep, for every timestep it goes on, and Σ, all
parts once. The path that stays with the busiest resource gains s in each of the D timesteps as
well; so no path with a wait is longer than this one once D s ≥ 2 Σ, but for some parts at its ends.
"""

from fractions import Fraction

from neuromgd.errors import InputError
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.workload import Workload

# Registers there may be, those that are followed as they are, and the most that can be followed.
MOST, FEW, FOLLOWED = 10**9, 256, 4096

# Parts at the ends of such paths, at most: of the busiest resource three for its rhythm, and four
# for the input, where a load and two passes of the first part alternate.
ENDS = 7


def followed(hardware: Hardware, workload: Workload, registers: int, passes: int, held: int) -> int:
    """Returns how many of so many registers are followed; the others would change no moment.

    Args:
        hardware: Parts of the chip.
        workload: Hold times.
        registers: How many there are.
        passes: Forward passes of a timestep.
        held: Timesteps after which a register becomes free again, without what is under way.

    Raises:
        InputError: If there are none, or more are of use than can be followed.
    """
    if not 1 <= registers <= MOST:
        raise InputError(f"registers: read {registers}, allowed are 1 to {MOST:,}")
    if registers <= FEW:
        return registers
    enough = of_use(hardware, workload, passes, held)
    if min(registers, enough or registers) > FOLLOWED:
        why = "arrays or links are used in several places" if enough is None else "it is so long"
        raise InputError(
            f"registers: read {registers:,}, of which more than {FOLLOWED:,} may be in use at a "
            f"time, since {why}; allowed here are 1 to {FOLLOWED:,}"
        )
    return registers if enough is None else min(registers, max(FEW, enough))


def of_use(hardware: Hardware, workload: Workload, passes: int, held: int) -> int | None:
    """Returns how many registers are of use; None where a resource has more than one part."""
    often: list[tuple[Part | None, Fraction]] = [
        (hardware.load, Fraction(1, workload.tau_sample)),
        (hardware.perturb, Fraction(1, workload.tau_perturbation)),
        (hardware.accumulate, Fraction(1, held)),
        *((part, Fraction(1, held)) for part in hardware.feedback),
        *((part, Fraction(passes)) for part in hardware.forward),
    ]
    parts = [(part, rate) for part, rate in often if part is not None]
    resources = [part.resource for part, _ in parts]
    if len(set(resources)) < len(resources) or any(part.inside for part, _ in parts):
        return None
    once = [part.ticks * max(1, rate) for part, rate in parts]
    load = max((part.ticks * rate for part, rate in parts), default=Fraction(0))
    if not load:
        return 1
    return 2 + int(-(-(2 * sum(once) + ENDS * max(once)) // (held * load)))
