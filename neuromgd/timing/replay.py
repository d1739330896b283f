"""The first timesteps of a program of fixed order, every operation on its own, without events.

Where every resource serves in program order, an operation starts at the latest of what it needs and
of the release of its resource, so that one walk through the program gives all moments. The result
is that of the simulation event by event, at a twentieth of its cost.
"""

from collections import deque

from neuromgd.timing.program import Operation, Program


class Moment:
    """When one operation happened, and what it waited for; as ``events.Job``, without events."""

    __slots__ = (
        "before", "end", "freed", "needs", "number", "operation", "ready", "start", "step", "taker",
    )  # fmt: skip

    def __init__(self, operation: Operation, step: int, number: int):
        self.operation, self.step, self.number = operation, step, number
        self.needs: list[Moment] = []
        self.before: Moment | None = None
        self.taker: Moment | None = None
        self.ready = self.start = self.end = self.freed = 0


class Replay:
    """Runs a program of fixed order.

    Attributes:
        finished: Every operation, in the order in which they were over.
        end: When all was over [tick].
    """

    def __init__(self, program: Program, steps: int):
        self.program = program
        self.tokens: dict[str, deque[Moment]] = {}
        self.last: dict[str, Moment] = {}
        self.finished: list[Moment] = []
        for n in range(0, steps, program.beat):
            due = program.due(n, min(program.beat, steps - n))
            for operation in program.operations(due):
                self.happen(Moment(operation, n + operation.step, len(self.finished)))
        self.finished.sort(key=lambda one: (one.freed, one.end, one.start, one.number))
        self.end = max((one.end for one in self.finished), default=0)

    def happen(self, one: Moment) -> None:
        """Works out the moments of the next operation in program order."""
        operation = one.operation
        for token, lag in operation.needs:
            given = self.tokens.get(token)
            if given is not None and len(given) >= lag:
                need = given[-lag]
                one.needs.append(need)
                if need.end > one.ready:
                    one.ready = need.end
        resource = operation.part.resource
        one.before = before = self.last.get(resource)
        one.start = one.ready if before is None else max(one.ready, before.freed)
        one.end = one.freed = one.start + operation.part.ticks
        if operation.takes is not None:
            taken = self.last[operation.takes]
            taken.freed, taken.taker = one.start, one
        self.last[resource] = one
        given = self.tokens.get(operation.gives)
        if given is None:
            given = self.tokens[operation.gives] = deque(maxlen=self.program.ahead + 3)
        given.append(one)
        self.finished.append(one)
