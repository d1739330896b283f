"""A program with resources granted by arrival or by priority, as a machine with a finite state.

Such a program is no (max,+) system, but what decides how it goes on is finite: which operations
are under way, how long each still works, what it waits for, who came when. One beat takes such a
state to the next. A moment goes in rounds: all that ends, ends; then every free resource is granted
at once, by the rule of the resource, then by arrival, then by program order. What takes no time
ends in the next round of the same moment.
"""

from typing import NamedTuple

from neuromgd.errors import InputError
from neuromgd.timing.leap import Leap, Sum, Totals
from neuromgd.timing.program import Due, Operation, Program, probes
from neuromgd.timing.rounds import HELD, RUNNING, WAITING, Job, Rounds, Work

# Beats that may be under way at once; beyond them a state is too large to be compared.
DEEPEST = 32


class Standing(NamedTuple):
    """All that decides how a run goes on, at the issue of a beat; jobs are numbered by order.

    Attributes:
        jobs: For each job: operation, stage, a number (running: ticks left; ready: how many
            moments of arrival ago it came), and which jobs it waits for.
        tokens: For each token, who gave it last, last but one, ...; -1 if that has ended.
        over: Whose end says that an open beat is over; -1 if that has ended.
        fetched: The load that is ahead of its beat; -1: none, -2: it has ended already.
    """

    jobs: tuple[tuple[int, int, int, tuple[int, ...]], ...]
    tokens: tuple[tuple[int, ...], ...]
    over: tuple[int, ...]
    fetched: int


class Contested:
    """Runs single beats of a program whose resources are contested.

    Attributes:
        start: State before the first beat.
        fetches: Whether the load of the next sample is issued with the sample before.
    """

    cap = 2_000

    def __init__(self, program: Program):
        self.program = program
        self.works: list[Work] = []
        self.numbers: dict[Operation, int] = {}
        self.kinds: dict[tuple[Due, bool], int] = {}
        self.beats: list[tuple[Due, bool, tuple[int, ...]]] = []
        self.tokens: dict[str, int] = {}
        self.memory: list[int] = []
        self.resources: dict[str, int] = {}
        self.rules: list[str] = []
        self.fetch: int | None = None
        self.survey()
        self.depth = program.depth if self.fetches or not program.fetch else program.ahead
        self.start = Standing((), tuple((-1,) * memory for memory in self.memory), (), -1)

    def check(self) -> None:
        """Refuses more beats under way than a state can hold.

        Raises:
            InputError: Naming what is allowed.
        """
        if self.depth > DEEPEST:
            raise InputError(
                f"timesteps under way: {self.depth}; allowed on resources granted by arrival or "
                f"priority are {DEEPEST}: fewer registers, or shorter holds"
            )

    def survey(self) -> None:
        """Gives every token and resource a number, and finds the load that may be early."""
        program = self.program
        dues = [program.due(n, program.beat) for n in probes(program)]
        operations = [operation for due in dues for operation in program.operations(due)]
        for operation in operations:
            name = operation.part.resource
            if name not in self.resources:
                self.resources[name] = len(self.resources)
                self.rules.append(program.arbitration.get(name, "fixed"))
            for token, lag in (*operation.needs, (operation.gives, 1)):
                if token not in self.tokens:
                    self.tokens[token] = len(self.tokens)
                    self.memory.append(1)
                self.memory[self.tokens[token]] = max(self.memory[self.tokens[token]], lag)
        for operation in operations:
            sharers = {one.part.name for one in operations
                       if one.part.resource == operation.part.resource}  # fmt: skip
            rule = self.rules[self.resources[operation.part.resource]]
            if operation.early and (len(sharers) == 1 or rule != "fixed"):
                self.fetch = self.number(operation)

    @property
    def fetches(self) -> bool:
        """Whether the load of the next sample is issued with the sample before."""
        return self.fetch is not None

    def number(self, operation: Operation) -> int:
        """Returns the number of an operation; compiles it when it is new."""
        if operation not in self.numbers:
            self.numbers[operation] = len(self.works)
            self.works.append(
                Work(
                    resource=self.resources[operation.part.resource],
                    ticks=operation.part.ticks,
                    needs=tuple((self.tokens[token], lag - 1) for token, lag in operation.needs),
                    gives=self.tokens[operation.gives],
                    takes=-1 if operation.takes is None else self.resources[operation.takes],
                    holds=operation.holds,
                    priority=operation.priority,
                )
            )
        return self.numbers[operation]

    def kind(self, due: Due, fetches: bool = True) -> int:
        """Returns the number of a kind of beat: what falls due, and whether a sample follows."""
        key = (due, fetches and self.fetches and due.samples[0])
        if key not in self.kinds:
            self.kinds[key] = len(self.beats)
            numbers = tuple(self.number(op) for op in self.program.operations(due))
            self.beats.append((*key, numbers))
        return self.kinds[key]

    def beat(self, kind: int, state: Standing) -> Leap:
        """Issues one beat and runs until the next may begin."""
        rounds, gains = self.restored(state), {kind: 1}
        over, fetched = self.issue(rounds, kind, state)
        if len(over) >= self.depth and (goal := over.pop(0)) is not None:
            rounds.until(goal)
        rounds.charge(gains)
        return Leap(self.standing(rounds, over, fetched), rounds.now, tuple(gains.items()))

    def finish(self, state: Standing) -> Leap:
        """Runs what is still under way to its end."""
        rounds, gains = self.restored(state), {}
        rounds.until(None)
        rounds.charge(gains)
        return Leap(self.start, rounds.now, tuple(gains.items()))

    def restored(self, state: Standing) -> Rounds:
        """Returns the operations under way, as they stood at the issue of a beat."""
        rounds = Rounds(self.rules)
        for number, stage, amount, _ in state.jobs:
            rounds.place(Job(number, self.works[number]), stage, amount)
        for job, (*_, waits) in zip(rounds.live, state.jobs, strict=True):
            for other in waits:
                rounds.live[other].dependents.append(job)
            job.unmet = len(waits)
        rounds.given = [
            [rounds.live[index] if index >= 0 else None for index in row] for row in state.tokens
        ]
        return rounds

    def issue(self, rounds: Rounds, kind: int, state: Standing) -> tuple[list, Job | int]:
        """Adds the operations of one beat; returns the open beats and the load that is early."""
        _, follows, numbers = self.beats[kind]
        jobs = list(rounds.live)
        over: list[Job | None] = [jobs[index] if index >= 0 else None for index in state.over]
        early: Job | int = jobs[state.fetched] if state.fetched >= 0 else state.fetched
        for number in numbers:
            if number == self.fetch and early != -1:
                early = -1  # its beat has come
            else:
                rounds.add(Job(number, self.works[number]), early)
        over.append(rounds.given[self.tokens[self.program.done]][0])
        if follows:
            assert self.fetch is not None
            early = Job(self.fetch, self.works[self.fetch])
            rounds.add(early, -1)
        return over, early

    def standing(self, rounds: Rounds, over: list, early: Job | int) -> Standing:
        """Returns the state in which the rounds stopped, relative to now."""
        live = rounds.live
        index = {id(job): place for place, job in enumerate(live)}
        waits: list[list[int]] = [[] for _ in live]
        for place, job in enumerate(live):
            if job.stage != HELD:
                for other in job.dependents:
                    waits[index[id(other)]].append(place)
        arrivals = rounds.arrivals()

        def open_index(job: Job | None) -> int:
            return -1 if job is None or job.stage >= HELD else index[id(job)]

        jobs = tuple(
            (
                job.number,
                job.stage,
                job.end - rounds.now if job.stage == RUNNING else arrivals.get(id(job), 0),
                tuple(waits[place]) if job.stage == WAITING else (),
            )
            for place, job in enumerate(live)
        )
        fetched = early if isinstance(early, int) else index.get(id(early), -2)
        return Standing(
            jobs,
            tuple(tuple(open_index(job) for job in row) for row in rounds.given),
            tuple(open_index(job) for job in over),
            fetched,
        )

    def overrun(self, seen: dict, total: Sum) -> None:
        """A backlog is not proven here, so none is named."""
        del seen, total

    def totals(self, gains: dict[int, int]) -> Totals:
        """Puts names to what was added up."""
        beats: dict[Due, int] = {}
        for kind, times in gains.items():
            if kind >= 0:
                due = self.beats[kind][0]
                beats[due] = beats.get(due, 0) + times
        names, count = list(self.resources), len(self.resources)
        return Totals(
            beats=beats,
            queued={name: gains.get(-1 - i, 0) for i, name in enumerate(names)},
            blocked={name: gains.get(-1 - count - i, 0) for i, name in enumerate(names)},
        )
