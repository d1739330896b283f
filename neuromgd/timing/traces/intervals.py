"""A stretch of a run as a table of intervals, simulated event by event."""

from fractions import Fraction
from typing import NamedTuple

from neuromgd.timing.events import Job, Simulation
from neuromgd.timing.part import plus
from neuromgd.timing.program import Program
from neuromgd.timing.replay import Moment, Replay


class Interval(NamedTuple):
    """What one operation did on its resource.

    Attributes:
        resource: Where.
        part: What worked.
        phase: Phase of the timestep.
        cause: What it was done for.
        step: Timestep.
        ready: When all that it needed was there [tick].
        start: When it began [tick].
        end: When it was done [tick].
        freed: When its resource became free again [tick].
        joules: Energy, or None if unknown [J].
    """

    resource: str
    part: str
    phase: str
    cause: str
    step: int
    ready: int
    start: int
    end: int
    freed: int
    joules: Fraction | None


def simulate(program: Program, steps: int) -> Simulation:
    """Runs the first timesteps of a program with every event kept."""
    simulation = Simulation(program)
    simulation.brute_force(steps)
    return simulation


def table(stretch: Simulation | Replay) -> list[Interval]:
    """Returns all intervals of a stretch, by start."""
    rows = [row(job) for job in stretch.finished]
    return sorted(rows, key=lambda interval: (interval.start, interval.end, interval.resource))


def row(job: Job | Moment) -> Interval:
    """Returns the interval of one operation."""
    part = job.operation.part
    joules: Fraction | None = Fraction(0)
    for _, energy in part.energy:
        joules = plus(joules, energy)
    return Interval(
        part.resource, part.name, part.phase.value, job.operation.cause, job.step,
        job.ready, job.start, job.end, job.freed, joules,
    )  # fmt: skip
