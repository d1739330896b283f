"""The fast engine: completion times beat by beat, exact for any number of timesteps.

Where the same state returns at the same place of a repeating stretch, everything between repeats
too, so time, waits and counts extrapolate exactly (that a timed event graph becomes periodic:
Cohen et al. 1985; the state rule is tested against brute force). The rule is applied at every
level of the chain of periods, so that a window of a million equal timesteps costs as little as one
of ten. The machine that runs a single beat adds up where one thing happens after the other, is
(max,+) where every resource serves in program order, and has a finite state where resources are
granted by arrival or by priority, or where samples are very long.
"""

from collections.abc import Callable

from neuromgd.timing.contested import DEEPEST, Contested
from neuromgd.timing.leap import Leap, NotPeriodicError, State, Sum, Totals
from neuromgd.timing.machine import Machine
from neuromgd.timing.program import Program
from neuromgd.timing.serial import Serial

# Timesteps of a sample above which a load that is long over makes (max,+) states grow too far.
FAR = 1_000


def machine_of(program: Program) -> Serial | Machine | Contested:
    """Returns the machine that runs single beats of a program."""
    if program.is_serial:
        return Serial(program)
    if program.is_ordered and (program.fetch or 0) <= FAR:
        return Machine(program)
    contested = Contested(program)
    if program.is_ordered and (not contested.fetches or contested.depth > DEEPEST):
        return Machine(program)
    contested.check()
    return contested


class Recursion:
    """Runs a program; ``at`` answers for any number of timesteps."""

    def __init__(self, program: Program):
        self.program, self.machine = program, machine_of(program)
        self.leaps: dict[tuple, Leap] = {}

    def at(self, steps: int) -> tuple[int, Totals]:
        """Returns the time of a run of so many timesteps [tick] and what it adds up to.

        Raises:
            NotPeriodicError: If the state does not return.
        """
        total = Sum(self.machine.start)
        if self.machine.fetches and self.program.fetch is not None:
            # The last sample is followed by none that could be loaded beside it.
            last = (steps - 1) // self.program.fetch * self.program.fetch
            self.span(total, 0, last)
            total.add(self.beat(last, 1, total.state, fetches=False))
            self.span(total, last + 1, steps)
        else:
            self.span(total, 0, steps)
        total.add(self.machine.finish(total.state))
        return total.ticks, self.machine.totals(total.gains)

    def span(self, total: Sum, n: int, end: int) -> None:
        """Runs from one timestep to another by the longest stretches that fit."""
        periods = self.program.periods
        while n < end:
            fitting = [
                level for level, period in enumerate(periods)
                if n % period == 0 and n + period <= end
            ]  # fmt: skip
            if fitting:
                level = fitting[-1]
                stop = min([end, *(n - n % outer + outer for outer in periods[level + 1 :])])
                count = (stop - n) // periods[level]
                total.add(self.row(level, n, count, total.state))
                n += count * periods[level]
            else:
                stop = min(end, n - n % periods[0] + periods[0])
                self.beats(total, n, stop)
                n = stop

    def row(self, level: int, n: int, count: int, state: State) -> Leap:
        """Runs so many stretches of one level, those between the first and the last alike."""
        period = self.program.periods[level]
        total = Sum(state)
        total.add(self.stretch(level, n, state))
        if count > 2:
            self.repeat(total, count - 2, lambda now: self.stretch(level, n + period, now), period)
        if count > 1:
            total.add(self.stretch(level, n + (count - 1) * period, total.state))
        return total.leap()

    def stretch(self, level: int, n: int, state: State) -> Leap:
        """Runs one stretch of the length of a period, starting at timestep n."""
        periods = self.program.periods
        if level == 0 and periods[0] == self.program.beat:
            return self.beat(n, self.program.beat, state)
        end = n + periods[level]
        edges = tuple((n % period == 0, end % period == 0) for period in periods[level + 1 :])
        key = (level, edges, state)
        if key not in self.leaps:
            if level:
                count = periods[level] // periods[level - 1]
                self.leaps[key] = self.row(level - 1, n, count, state)
            else:
                total = Sum(state)
                self.beats(total, n, end)
                self.leaps[key] = total.leap()
        return self.leaps[key]

    def beats(self, total: Sum, n: int, end: int) -> None:
        """Runs beats in which different things fall due; the last may be cut short."""
        beat = self.program.beat
        while n < end:
            count = min(self.alike(n), (end - n) // beat)
            if count > 1:
                self.repeat(total, count, lambda now, n=n: self.beat(n, beat, now), beat)
                n += count * beat
            else:
                length = min(beat, end - n)
                total.add(self.beat(n, length, total.state))
                n += length

    def alike(self, n: int) -> int:
        """Returns for how many beats from timestep n the same falls due."""
        beat, holds = self.program.beat, self.program.holds
        return max(1, min(0 if n % hold == 0 else (hold - n % hold) // beat - 1 for hold in holds))

    def beat(self, n: int, length: int, state: State, fetches: bool = True) -> Leap:
        """Runs one beat."""
        kind = self.machine.kind(self.program.due(n, length), fetches)
        key = (kind, state)
        if key not in self.leaps:
            self.leaps[key] = self.machine.beat(kind, state)
        return self.leaps[key]

    def repeat(
        self, total: Sum, count: int, stretch: Callable[[State], Leap], timesteps: int
    ) -> None:
        """Runs equal stretches; once a state returns, the rest follows by multiplication."""
        seen: dict[State, tuple[int, int, dict[int, int]]] = {}
        done = 0
        while done < count:
            if total.state in seen:
                before, ticks, gains = seen[total.state]
                rounds, rest = divmod(count - done, done - before)
                total.multiply(rounds, ticks, gains)
                for _ in range(rest):
                    total.add(stretch(total.state))
                return
            if done > self.machine.cap:
                cause = self.machine.overrun(seen, total)
                raise NotPeriodicError(cause, done * timesteps)
            seen[total.state] = (done, total.ticks, dict(total.gains))
            total.add(stretch(total.state))
            done += 1
