"""A program as a (max,+) machine: one beat takes a state to the next.

An operation starts at the latest of what it needs and of its resource's release: a timed event
graph. The state between two beats is the vector of those times, relative to the earliest moment at
which anything later may start; all that lies before that moment is clamped to it.
"""

from typing import NamedTuple

from neuromgd.timing.leap import Leap, State, Sum, Totals
from neuromgd.timing.program import Due, Operation, Program, probes


class Compiled(NamedTuple):
    """One operation with names replaced by places in the state."""

    resource: int
    ticks: int
    needs: tuple[int, ...]
    gives: int
    memory: int
    takes: int
    holds: bool
    after: int


class Machine:
    """Runs single beats of a program of fixed order.

    Attributes:
        start: State before the first beat.
    """

    # Repetitions of a stretch after which a state that never returned is reported.
    cap = 5_000
    fetches = False

    def __init__(self, program: Program):
        self.program = program
        self.dues: list[Due] = []
        self.kinds: dict[Due, int] = {}
        self.compiled: list[list[Compiled]] = []
        self.tokens: dict[str, int] = {}
        self.memory: dict[str, int] = {}
        self.resources: dict[str, int] = {}
        self.survey()

    def survey(self) -> None:
        """Gives every token and every resource of the program its place in the state."""
        program = self.program
        needs = [need for gate in program.gates for need in gate]
        dues = {program.due(n, program.beat) for n in probes(program)}
        for operation in (op for due in dues for op in program.operations(due)):
            needs += [*operation.needs, (operation.gives, 1)]
            self.resources.setdefault(operation.part.resource, len(self.resources))
        for token, lag in needs:
            self.memory[token] = max(lag, self.memory.get(token, 1))
        place = 1  # place 0 is the end of the run so far
        for token in sorted(self.memory):
            self.tokens[token] = place
            place += self.memory[token]
        self.first_resource, self.held_from = place, place + len(self.resources)
        self.start: State = (0,) * (self.held_from + len(self.resources))
        self.gates = tuple(
            tuple(self.tokens[token] + lag - 1 for token, lag in gate) for gate in program.gates
        )

    def kind(self, due: Due, fetches: bool = True) -> int:
        """Returns the number of a kind of beat; compiles it when it is new."""
        del fetches  # what may start early is in the state already
        if due not in self.kinds:
            self.kinds[due] = len(self.dues)
            self.dues.append(due)
            self.compiled.append([self.compile(op) for op in self.program.operations(due)])
        return self.kinds[due]

    def compile(self, operation: Operation) -> Compiled:
        """Replaces the names of an operation by places in the state."""
        resources = self.resources
        return Compiled(
            resource=self.first_resource + resources[operation.part.resource],
            ticks=operation.part.ticks,
            needs=tuple(self.tokens[token] + lag - 1 for token, lag in operation.needs),
            gives=self.tokens[operation.gives],
            memory=self.memory[operation.gives],
            takes=-1
            if operation.takes is None
            else self.first_resource + resources[operation.takes],
            holds=operation.holds,
            after=operation.part.after,
        )

    def beat(self, kind: int, state: State) -> Leap:
        """Runs one beat from a relative state."""
        times = list(state)
        count = len(self.resources)
        gains: dict[int, int] = {kind: 1}
        for resource, ticks, needs, gives, memory, takes, holds, after in self.compiled[kind]:
            ready = 0
            for place in needs:
                if times[place] > ready:
                    ready = times[place]
            start = times[resource]
            if start > ready:
                queued = -1 - (resource - self.first_resource)
                gains[queued] = gains.get(queued, 0) + start - ready
            else:
                start = ready
            if takes >= 0:
                self.release(times, takes, start, gains)
            end = start + ticks
            times[resource] = end
            if memory > 1:
                times[gives + 1 : gives + memory] = times[gives : gives + memory - 1]
            times[gives] = end = end + after
            if end > times[0]:
                times[0] = end
            times[resource + count] = holds
        return self.settle(times, gains)

    def release(self, times: list[int], resource: int, start: int, gains: dict[int, int]) -> None:
        """Frees a resource whose result is taken over; it was blocked since its end."""
        count = len(self.resources)
        blocked = -1 - count - (resource - self.first_resource)
        gains[blocked] = gains.get(blocked, 0) + start - times[resource]
        times[resource], times[resource + count] = start, 0

    def settle(self, times: list[int], gains: dict[int, int]) -> Leap:
        """Makes the state relative to the earliest moment at which anything later may start."""
        low = min(max(times[place] for place in gate) for gate in self.gates)
        count = len(self.resources)
        for place in range(self.first_resource, self.held_from):
            if times[place + count] and times[place] < low:
                # Still held: the time up to now is blocked time, whatever comes.
                blocked = -1 - count - (place - self.first_resource)
                gains[blocked] = gains.get(blocked, 0) + low - times[place]
        clamped = [time - low if time > low else 0 for time in times[: self.held_from]]
        return Leap((*clamped, *times[self.held_from :]), low, tuple(gains.items()))

    def finish(self, state: State) -> Leap:
        """Runs what is still under way to its end."""
        return Leap(self.start, state[0], ())

    def overrun(self, seen: dict[State, tuple], total: Sum) -> str | None:
        """Names a resource whose backlog is proven to grow without limit.

        It is one for which nothing waits, that worked longer than the stretch took in which all
        the rest returned to where it was.
        """
        for name, number in self.resources.items():
            places = self.alone(name)
            if places:
                rest = without(total.state, places)
                for state, (_, ticks, gains) in seen.items():
                    worked = sum(
                        (times - gains.get(kind, 0)) * work.ticks
                        for kind, times in total.gains.items() if kind >= 0
                        for work in self.compiled[kind]
                        if work.resource == self.first_resource + number
                    )  # fmt: skip
                    if without(state, places) == rest and worked > total.ticks - ticks:
                        return name
        return None

    def alone(self, name: str) -> set[int]:
        """Returns the places of a resource and its tokens, if nothing else waits for them."""
        operations = [op for due in self.dues for op in self.program.operations(due)]
        own = {op.gives for op in operations if op.part.resource == name}
        needed = {token for gate in self.program.gates for token, _ in gate}
        for op in operations:
            needed |= {token for token, _ in op.needs}
            if op.part.resource != name:
                needed.add(op.gives)
        if own & needed:
            return set()
        # The end of the run so far hangs on it as well.
        places = {0, self.first_resource + self.resources[name]}
        for token in own:
            places |= set(range(self.tokens[token], self.tokens[token] + self.memory[token]))
        return places

    def totals(self, gains: dict[int, int]) -> Totals:
        """Puts names to what was added up."""
        names, count = list(self.resources), len(self.resources)
        return Totals(
            beats={self.dues[kind]: times for kind, times in gains.items() if kind >= 0},
            queued={name: gains.get(-1 - i, 0) for i, name in enumerate(names)},
            blocked={name: gains.get(-1 - count - i, 0) for i, name in enumerate(names)},
        )


def without(state: State, places: set[int]) -> State:
    """Returns a state without some of its places."""
    return tuple(time for place, time in enumerate(state) if place not in places)
