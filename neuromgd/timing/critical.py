"""The critical path: what the end of a run waited for, followed back to its beginning."""

from collections import defaultdict
from collections.abc import Sequence

from neuromgd.timing.events import Job
from neuromgd.timing.ledger import label
from neuromgd.timing.replay import Moment


def critical_path(finished: Sequence[Job] | Sequence[Moment]) -> dict[str, int]:
    """Returns the time that each part spends on the longest chain of a run [tick].

    Where several chains are equally long, the one through what an operation needs is taken before
    the one through its resource.
    """
    shares: dict[str, int] = defaultdict(int)
    job: Job | Moment | None = max(finished, key=lambda job: job.end)
    now = job.end
    while job is not None:
        if now == job.end:
            for entry, ticks in job.operation.part.pieces:
                shares[label(job.operation.part.name, entry)] += ticks
        now = job.start
        job = binding(job)
    return {name: ticks for name, ticks in shares.items() if ticks}


def binding(job: Job | Moment) -> Job | Moment | None:
    """Returns whose end let an operation start, or None at the beginning of the run."""
    for need in job.needs:
        if need.end == job.start:
            return need
    before = job.before
    if before is None or before.freed != job.start:
        return None
    # A resource that was held became free when its result was taken: go on with who took it.
    return before.taker if before.end < before.freed else before
