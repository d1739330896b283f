"""The reference engine: every resource is a SimPy resource, every operation a process.

It takes the same programs as the fast engine and must agree with it to the tick, also where
resources are granted by arrival or by priority. Time is an integer number of ticks throughout, so
nothing drifts.
"""

from collections import deque

import simpy

from neuromgd.timing.leap import Totals
from neuromgd.timing.program import Operation, Program


class Job:
    """One operation of one beat, on its way through the simulation.

    Attributes:
        done: Its work has ended.
        granted: Its resource is its own.
        released: Its resource is free again.
        taken: Its result has been taken over, where it holds its resource until then.
        needs: Whose ends it waits for.
        turn: Whose release it waits for, on a resource that serves in program order.
        before: Who had its resource last.
        takes: Whose result it takes over.
        taker: Who took over its own.
        number: Its place in program order.
        ready: When all that it needed was there [tick].
        start: When it was granted its resource [tick].
        end: When its work ended [tick].
        freed: When its resource became free: at its end, or when its result was taken [tick].
    """

    def __init__(self, environment: simpy.Environment, operation: Operation, step: int):
        self.operation, self.step = operation, step
        self.done, self.released = environment.event(), environment.event()
        self.granted = environment.event()
        self.taken = environment.event() if operation.holds else None
        self.needs: list[Job] = []
        self.turn: Job | None = None
        self.before: Job | None = None
        self.takes: Job | None = None
        self.taker: Job | None = None
        self.number = 0
        self.ready = self.start = self.end = self.freed = -1


class Simulation:
    """Runs a program event by event.

    Attributes:
        finished: Every operation, in the order in which they were over.
    """

    def __init__(self, program: Program, keep: bool = True):
        self.program, self.keep = program, keep
        self.environment = simpy.Environment()
        self.tokens: dict[str, deque[Job]] = {}
        self.last: dict[str, Job] = {}
        self.holder: dict[str, Job] = {}
        self.occupied: set[str] = set()
        self.waiting: dict[str, dict[Job, None]] = {}
        self.is_arbitrating = False
        self.finished: list[Job] = []
        self.count = 0
        self.totals = Totals({}, {}, {})
        self.end = 0
        self.over: deque[Job] = deque()

    def issue(self, n: int, length: int) -> None:
        """Starts the processes of one beat, in program order."""
        due = self.program.due(n, length)
        self.totals.beats[due] = self.totals.beats.get(due, 0) + 1
        for operation in self.program.operations(due):
            job = Job(self.environment, operation, n + operation.step)
            job.number, self.count = self.count, self.count + 1
            self.connect(job)
            self.environment.process(self.run(job))
        self.over.append(self.tokens[self.program.done][-1])

    def connect(self, job: Job) -> None:
        """Finds the events that a job waits for, and makes its own end one to be waited for."""
        operation = job.operation
        for token, lag in operation.needs:
            given = self.tokens.get(token)
            if given is not None and len(given) >= lag:
                job.needs.append(given[-lag])
        name = operation.part.resource
        if self.rule(name) == "fixed":
            job.turn = self.last.get(name)
        if operation.takes is not None:
            job.takes = self.last[operation.takes]
        self.last[name] = job
        given = self.tokens.setdefault(operation.gives, deque(maxlen=self.program.ahead + 3))
        given.append(job)

    def rule(self, name: str) -> str:
        """Returns how a resource is granted."""
        return self.program.arbitration.get(name, "fixed")

    @property
    def now(self) -> int:
        """Now [tick]; SimPy keeps whole numbers whole."""
        return int(self.environment.now)

    def run(self, job: Job):
        """The life of one operation: needs, turn, grant, work, hand-over."""
        environment, operation = self.environment, job.operation
        if waits := [need.done for need in job.needs if not need.done.processed]:
            yield environment.all_of(waits)
        job.ready = self.now
        if job.turn is not None and not job.turn.released.processed:
            yield job.turn.released
        self.waiting.setdefault(operation.part.resource, {})[job] = None
        self.arbitrate()
        yield job.granted
        job.start = self.now
        yield environment.timeout(operation.part.ticks)
        job.end = self.now
        job.done.succeed()
        if job.taken is not None:
            yield job.taken
        self.occupied.remove(operation.part.resource)
        job.released.succeed()
        self.arbitrate()
        self.finish(job)

    def arbitrate(self) -> None:
        """Grants what is free once all else that happens at this moment has happened."""
        if not self.is_arbitrating:
            self.is_arbitrating = True
            self.environment.process(self.arbiter())

    def arbiter(self):
        """Grants every free resource at once: by its rule, by arrival, by program order."""
        while self.environment.peek() <= self.environment.now:
            yield self.environment.timeout(0)
        self.is_arbitrating = False
        for name, waiting in self.waiting.items():
            if waiting and name not in self.occupied:
                by_priority = self.rule(name) == "priority"
                job = min(
                    waiting,
                    key=lambda job, by_priority=by_priority: (
                        job.operation.priority if by_priority else 0, job.ready, job.number
                    ),
                )  # fmt: skip
                del waiting[job]
                self.occupied.add(name)
                job.before, self.holder[name] = self.holder.get(name), job
                job.granted.succeed()
                if job.takes is not None and job.takes.taken is not None:
                    job.takes.taker = job
                    job.takes.taken.succeed()

    def finish(self, job: Job) -> None:
        """Books what an operation did."""
        name, now = job.operation.part.resource, self.now
        job.freed = now
        self.end = max(self.end, job.end)
        queued, blocked = self.totals.queued, self.totals.blocked
        queued[name] = queued.get(name, 0) + job.start - job.ready
        blocked[name] = blocked.get(name, 0) + now - job.end
        if self.keep:
            self.finished.append(job)
        else:
            # Nothing will ask what it waited for: let go, or a long run would keep all its past.
            job.needs, job.turn, job.before, job.takes, job.taker = [], None, None, None, None

    def brute_force(self, steps: int) -> int:
        """Runs so many timesteps, every event of them, and returns the end [tick].

        A beat is issued one earlier than it could start, so that it is there when it may.
        """
        beat, ahead = self.program.beat, self.program.ahead + 1
        for n in range(0, steps, beat):
            if len(self.over) >= ahead:
                over = self.over.popleft().done
                while not over.processed:
                    self.environment.step()
            self.issue(n, min(beat, steps - n))
        self.environment.run()
        return self.end
