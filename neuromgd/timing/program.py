"""What a schedule is to the engines: the operations of each timestep and what each waits for."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from neuromgd.timing.part import Part


class Schedule(NamedTuple):
    """Which schedule, with its own choices.

    Attributes:
        name: A name in ``names.TIMING_SCHEDULES``.
        registers: Perturbations that a synapse can hold at once, for ``pipelined``; samples that
            are under way at once, for ``inference``.
        writes: For ``pipelined``: ``drained`` (passes wait for the write), ``behind`` (one write
            runs beside the next window) or ``unbounded`` (writes queue up without limit).
    """

    name: str = "two_pass"
    registers: int = 2
    writes: str = "drained"


class Due(NamedTuple):
    """What falls due in one beat (a timestep, or all timesteps of a held perturbation).

    Attributes:
        samples: For each timestep of the beat: whether its sample is new.
        perturbation: Whether a new perturbation is set.
        baselines: For each timestep: whether C0 is measured (by schedules that do so on demand).
        takes_off: Whether the perturbation leaves the weights at the end of the beat.
        broadcast: Whether the perturbation has ended, so that the cost change is broadcast.
        update: Whether the weights are written.
        transfer: Whether cells that learn are read into slow ones after that.
    """

    samples: tuple[bool, ...]
    perturbation: bool
    baselines: tuple[bool, ...]
    takes_off: bool
    broadcast: bool
    update: bool
    transfer: bool = False


class Operation(NamedTuple):
    """One interval of a program.

    Attributes:
        part: What works, for how long, at which energy.
        cause: What it is done for.
        needs: Tokens that must have been given, (token, how many givings ago).
        gives: Token that its end gives.
        takes: Resource whose result it takes over at its start; until then that one is held.
        holds: Whether its resource stays occupied after its end, until somebody takes over.
        step: Timestep inside the beat.
        priority: Lower is served first, where the resource serves by priority.
        early: Whether it may begin one sample before the beat in which it falls due.
    """

    part: Part
    cause: str
    needs: tuple[tuple[str, int], ...]
    gives: str
    takes: str | None = None
    holds: bool = False
    step: int = 0
    priority: int = 0
    early: bool = False


class Program(NamedTuple):
    """A schedule laid out on hardware.

    Attributes:
        name: Name of the schedule.
        periods: Periods of what falls due, each a divisor of the next where possible [timestep].
        due: What falls due in the beat that starts at a timestep and has so many timesteps.
        operations: Operations of a beat, in program order.
        gates: Every operation of a beat waits, directly or not, for all tokens of one of these.
        done: Token that says that a beat is over for those that follow.
        holds: Times after which something else falls due; every period is made of them [timestep].
        depth: An operation of a beat may start once the beat so many beats before is over.
        fetch: By how many beats more an early operation may start; None: there is none.
        is_serial: Whether one thing happens after the other, so that a beat takes their sum.
        beat: Timesteps of a beat.
        arbitration: How each shared resource is granted: ``fixed`` (in program order), ``fifo``
            or ``priority``.
        variance: Variance of the parts whose time is random [tick²].
        registers: Registers that are followed, for schedules that have them; more are of no use.
    """

    name: str
    periods: tuple[int, ...]
    due: Callable[[int, int], Due]
    operations: Callable[[Due], tuple[Operation, ...]]
    gates: tuple[tuple[tuple[str, int], ...], ...]
    holds: tuple[int, ...]
    done: str = "done"
    depth: int = 1
    fetch: int | None = None
    is_serial: bool = False
    beat: int = 1
    arbitration: Mapping[str, str] = MappingProxyType({})
    variance: Mapping[str, Fraction] = MappingProxyType({})
    registers: int = 0

    @property
    def ahead(self) -> int:
        """Beats after which no operation of one has started yet, early ones included."""
        return self.depth + (self.fetch or 0)

    @property
    def is_ordered(self) -> bool:
        """Whether every resource serves in program order, so that (max,+) recursion is exact."""
        return all(rule == "fixed" for rule in self.arbitration.values())


def probes(program: Program) -> list[int]:
    """Returns timesteps whose beats name every resource and token of the program."""
    last = program.periods[-1]
    return sorted({0, *(n for p in program.periods for n in (p, p - program.beat) if n <= last)})
