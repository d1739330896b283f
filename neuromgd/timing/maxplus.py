"""The fast engine: completion times by (max,+) recursion, exact for any number of timesteps.

Where the same state returns at the same place of a repeating stretch, everything between repeats
too, so time, waits and counts extrapolate exactly (that a timed event graph becomes periodic:
Cohen et al. 1985; the state rule is tested against brute force). The rule is applied at every
level of the chain of periods, so that a window of a million equal timesteps costs as little as one
of ten.
"""

from neuromgd.timing.leap import Leap, NotPeriodicError, State, Sum, Totals
from neuromgd.timing.machine import Machine
from neuromgd.timing.program import Program

# Repetitions of a stretch after which a state that never returned is reported.
CAP = 5_000


class Recursion:
    """Runs a program of fixed order; ``at`` answers for any number of timesteps."""

    def __init__(self, program: Program):
        self.program, self.machine = program, Machine(program)
        self.leaps: dict[tuple, Leap] = {}

    def stretch(self, level: int, n: int, state: State) -> Leap:
        """Runs one stretch of the length of a period, starting at timestep n."""
        periods = self.program.periods
        if level == 0 and periods[0] == self.program.beat:
            kind = self.machine.kind(self.program.due(n, self.program.beat))
            key = (0, kind, state)
        else:
            end = n + periods[level]
            outer = periods[level + 1 :]
            edges = tuple((n % period == 0, end % period == 0) for period in outer)
            key = (level, edges, state)
        if key not in self.leaps:
            if level:
                count = periods[level] // periods[level - 1]
                self.leaps[key] = self.row(level - 1, n, count, state)
            else:
                self.leaps[key] = self.beats(n, n + periods[0], state)
        return self.leaps[key]

    def beats(self, n: int, end: int, state: State) -> Leap:
        """Runs beats one by one; the last may be cut short."""
        total = Sum(state)
        while n < end:
            length = min(self.program.beat, end - n)
            total.add(
                self.machine.beat(self.machine.kind(self.program.due(n, length)), total.state)
            )
            n += length
        return total.leap()

    def row(self, level: int, n: int, count: int, state: State) -> Leap:
        """Runs so many stretches of one level, those between the first and the last alike."""
        period = self.program.periods[level]
        total = Sum(state)
        total.add(self.stretch(level, n, state))
        if count > 2:
            self.repeat(level, n + period, count - 2, total)
        if count > 1:
            total.add(self.stretch(level, n + (count - 1) * period, total.state))
        return total.leap()

    def repeat(self, level: int, n: int, count: int, total: "Sum") -> None:
        """Runs equal stretches; once a state returns, the rest follows by multiplication."""
        period = self.program.periods[level]
        seen: dict[State, tuple[int, int, dict[int, int]]] = {}
        done = 0
        while done < count:
            if total.state in seen:
                before, ticks, gains = seen[total.state]
                rounds, rest = divmod(count - done, done - before)
                total.multiply(rounds, ticks, gains)
                for index in range(rest):
                    total.add(self.stretch(level, n + index * period, total.state))
                return
            if done > CAP:
                raise NotPeriodicError(self.machine.growing(list(seen), total.state), done * period)
            seen[total.state] = (done, total.ticks, dict(total.gains))
            total.add(self.stretch(level, n, total.state))
            done += 1

    def at(self, steps: int) -> tuple[int, Totals]:
        """Returns the time of a run of so many timesteps [tick] and what it adds up to.

        Raises:
            NotPeriodicError: If the state does not return, because a backlog grows.
        """
        periods = self.program.periods
        total = Sum(self.machine.start)
        n = 0
        for level in reversed(range(len(periods))):
            count = (steps - n) // periods[level]
            if count:
                total.add(self.row(level, n, count, total.state))
                n += count * periods[level]
        total.add(self.beats(n, steps, total.state))
        return total.ticks + total.state[0], self.machine.totals(total.gains)
