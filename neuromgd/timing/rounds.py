"""Operations under way on contested resources, moment by moment, each moment in rounds."""

from typing import NamedTuple

# Stages of a job.
WAITING, READY, RUNNING, HELD, GONE = range(5)


class Work(NamedTuple):
    """One operation with names replaced by numbers; see ``program.Operation``."""

    resource: int
    ticks: int
    needs: tuple[tuple[int, int], ...]
    gives: int
    takes: int
    holds: bool
    priority: int


class Job:
    """One operation under way.

    Attributes:
        unmet: How many of its needs have not ended.
        dependents: Who needs its end.
        arrival: When it became ready [tick].
        since: From when on its wait or its block is still to be charged [tick].
        end: When its work ends [tick].
    """

    __slots__ = ("arrival", "dependents", "end", "number", "since", "stage", "unmet", "work")

    def __init__(self, number: int, work: Work):
        self.number, self.work = number, work
        self.unmet = self.arrival = self.since = self.end = 0
        self.dependents: list[Job] = []
        self.stage = WAITING


class Rounds:
    """Runs jobs; time begins at 0 [tick].

    Attributes:
        live: All jobs that are not gone, in program order.
        given: For each token, its givers, the last first; None for one that is gone.
    """

    def __init__(self, rules: list[str]):
        self.rules, self.now = rules, 0
        self.live: list[Job] = []
        self.given: list[list[Job | None]] = []
        self.queues: list[list[Job]] = [[] for _ in rules]
        self.holders: list[Job | None] = [None] * len(rules)
        self.running: list[Job] = []
        self.gains: dict[int, int] = {}

    def place(self, job: Job, stage: int, amount: int) -> None:
        """Puts a job back where it stood; ``amount`` as in a ``Standing``."""
        self.live.append(job)
        job.stage, resource = stage, job.work.resource
        if stage < RUNNING:
            self.queues[resource].append(job)
            job.arrival = -amount
            return
        self.holders[resource] = job
        if stage == RUNNING:
            job.end = amount
            self.running.append(job)

    def add(self, job: Job, early: "Job | int") -> None:
        """Issues a job, in program order before a load that is ahead of its beat."""
        for row in (self.live, self.queues[job.work.resource]):
            row.insert(len(row) - (bool(row) and row[-1] is early), job)
        for token, lag in job.work.needs:
            giver = self.given[token][lag]
            if giver is not None and giver.stage < HELD:
                giver.dependents.append(job)
                job.unmet += 1
        row = self.given[job.work.gives]
        row[:] = [job, *row[:-1]]
        if not job.unmet:
            self.ready(job)

    def ready(self, job: Job) -> None:
        """Lets a job compete for its resource."""
        job.stage, job.arrival, job.since = READY, self.now, self.now

    def until(self, goal: Job | None) -> None:
        """Runs to the end of a job, before the grants of that round; without one, to the end."""
        while self.live:
            self.end()
            if goal is not None and goal.stage >= HELD:
                return
            if not self.grant():
                if not self.running:
                    return
                self.now = min(job.end for job in self.running)

    def end(self) -> None:
        """Ends all that ends now."""
        ended = [job for job in self.running if job.end == self.now]
        if not ended:
            return
        self.running = [job for job in self.running if job.end != self.now]
        for job in ended:
            job.stage, job.since = HELD, self.now
            for other in job.dependents:
                other.unmet -= 1
                if not other.unmet:
                    self.ready(other)
            if not job.work.holds:
                self.release(job)

    def release(self, job: Job) -> None:
        """Frees the resource of a job that has ended."""
        job.stage, self.holders[job.work.resource] = GONE, None
        self.live.remove(job)

    def grant(self) -> bool:
        """Grants every free resource; returns whether that starts another round of this moment."""
        chosen = [
            job for resource, queue in enumerate(self.queues)
            if queue and self.holders[resource] is None
            and (job := self.choice(queue, self.rules[resource])) is not None
        ]  # fmt: skip
        again, count = False, len(self.rules)
        for job in chosen:
            resource = job.work.resource
            self.queues[resource].remove(job)
            self.book(-1 - resource, self.now - job.since)
            job.stage, job.end = RUNNING, self.now + job.work.ticks
            self.holders[resource] = job
            self.running.append(job)
            again = again or not job.work.ticks
        for job in chosen:
            if job.work.takes >= 0:
                taken = self.holders[job.work.takes]
                assert taken is not None, "a result that is taken over has been there"
                self.book(-1 - count - job.work.takes, self.now - taken.since)
                self.release(taken)
                again = True
        return again

    def choice(self, queue: list[Job], rule: str) -> Job | None:
        """Returns who is served next, or None if nobody who may is ready."""
        if rule == "fixed":
            return queue[0] if queue[0].stage == READY else None
        ready = [job for job in queue if job.stage == READY]
        if rule == "fifo":
            return min(ready, key=lambda job: job.arrival, default=None)
        return min(ready, key=lambda job: (job.work.priority, job.arrival), default=None)

    def book(self, key: int, ticks: int) -> None:
        """Adds a wait of a resource, or a block."""
        self.gains[key] = self.gains.get(key, 0) + ticks

    def charge(self, gains: dict[int, int]) -> None:
        """Adds all waits and blocks up to now."""
        count = len(self.rules)
        for job in self.live:
            if job.stage == READY:
                self.book(-1 - job.work.resource, self.now - job.since)
            elif job.stage == HELD:
                self.book(-1 - count - job.work.resource, self.now - job.since)
        gains.update(self.gains)

    def arrivals(self) -> dict[int, int]:
        """Returns, by job, how many moments of arrival at its resource ago it came; 0 is now."""
        found: dict[int, int] = {}
        for queue, rule in zip(self.queues, self.rules, strict=True):
            ready = [job for job in queue if job.stage == READY] if rule != "fixed" else []
            moments = sorted({self.now, *(job.arrival for job in ready)}, reverse=True)
            for job in ready:
                found[id(job)] = moments.index(job.arrival)
        return found
