"""Exact times of long runs where resources are granted by arrival or by priority.

Such a program is no (max,+) system, but it is a deterministic machine with a finite state: what is
under way, how long each part still takes, who queues in which order. When the state at the issue
of a beat has been seen before at the same place of the period, the run repeats from there. A run
of N timesteps is then a simulated run of N' = N - q c timesteps plus q periods of c timesteps:
the end of the run is simulated, not extrapolated.
"""

from typing import NamedTuple

from neuromgd.timing.events import Simulation
from neuromgd.timing.leap import NotPeriodicError, Totals
from neuromgd.timing.program import Program

# Timesteps simulated before a state that never returned is reported.
CAP = 5_000


class Mark(NamedTuple):
    """Where the simulation stood when a state was seen."""

    step: int
    now: int
    totals: Totals


class Arbitrated:
    """Runs a program of any arbitration; ``at`` answers for any number of timesteps."""

    def __init__(self, program: Program, cap: int = CAP):
        self.program, self.cap = program, cap

    def at(self, steps: int) -> tuple[int, Totals]:
        """Returns the time of a run of so many timesteps [tick] and what it adds up to.

        Raises:
            NotPeriodicError: If the state does not return within the cap.
        """
        program, simulation = self.program, Simulation(self.program, keep=False)
        seen: dict[tuple, Mark] = {}
        n, end, rounds = 0, steps, 0
        first = last = Mark(0, 0, Totals({}, {}, {}))
        while n < end:
            if len(simulation.over) >= program.ahead:
                simulation.until_over()
                if not rounds and n + program.beat <= end:
                    last = Mark(n, simulation.now, standing(simulation))
                    first = seen.setdefault(snapshot(simulation, n), last)
                    if first is not last:
                        rounds = (end - n) // (n - first.step)
                        end -= rounds * (n - first.step)
                    elif n > self.cap:
                        raise NotPeriodicError(longest_queue(simulation), n)
            if n < end:
                simulation.issue(n, min(program.beat, end - n))
            n += program.beat
        simulation.environment.run()
        ticks = simulation.end + rounds * (last.now - first.now)
        return ticks, repeated(simulation.totals, first.totals, last.totals, rounds)


def snapshot(simulation: Simulation, n: int) -> tuple:
    """Returns all that decides how the simulation goes on, relative to now and to timestep n."""
    now, period = simulation.now, simulation.program.periods[-1]
    order = {job: place for place, job in enumerate(simulation.live)}
    # Operations are laid down once for each kind of beat, so that the same one is the same object.
    live = tuple(
        (id(job.operation), job.step - n, job.ready >= 0, job.end >= 0, job.start >= 0)
        for job in simulation.live
    )
    running = tuple(
        (order[job], job.start + job.operation.part.ticks - now if job.end < 0 else -1)
        for job in simulation.running
    )
    queues = tuple(
        (name, tuple(order[job] for job in simulation.waiting(name)))
        for name in simulation.resources
    )
    return n % period, live, running, queues


def standing(simulation: Simulation) -> Totals:
    """Returns the totals as they stand now, with the waits of what is still under way."""
    totals, now = simulation.totals, simulation.now
    blocked, queued = dict(totals.blocked), dict(totals.queued)
    for job in simulation.live:
        name = job.operation.part.resource
        if job.ready >= 0:
            waited = (job.start if job.start >= 0 else now) - job.ready
            queued[name] = queued.get(name, 0) + waited
        if job.end >= 0:
            blocked[name] = blocked.get(name, 0) + now - job.end
    return Totals(dict(totals.beats), blocked, queued)


def repeated(final: Totals, first: Totals, last: Totals, rounds: int) -> Totals:
    """Adds so many periods, each what came between two marks, to the totals of a run."""

    def add(end: dict, before: dict, after: dict) -> dict:
        return {
            key: amount + rounds * (after.get(key, 0) - before.get(key, 0))
            for key, amount in end.items()
        }

    return Totals(
        add(final.beats, first.beats, last.beats),
        add(final.blocked, first.blocked, last.blocked),
        add(final.queued, first.queued, last.queued),
    )


def longest_queue(simulation: Simulation) -> str:
    """Names the resource for which most work waits."""
    waits: dict[str, int] = {}
    for job in simulation.live:
        name = job.operation.part.resource
        waits[name] = waits.get(name, 0) + 1
    return max(waits, key=lambda name: waits[name])
