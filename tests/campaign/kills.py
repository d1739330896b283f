"""Runs that are killed at random moments and steps end with the numbers of one that is not."""

import collections
import shutil
import time
from pathlib import Path
from typing import NamedTuple

from neuromgd.study.folder import SUMMARY
from tests.campaign.compare import difference
from tests.campaign.share import Share
from tests.campaign.worker import Worker, is_begun

# Steps at the end: those after the last checkpoint among them.
_LAST = 16


class Whole(NamedTuple):
    """A job that nothing interrupted.

    Attributes:
        folder: Of it.
        seconds: From its first row to its end.
        steps: That it took.
        rows: That it told, or rounds.
    """

    folder: Path
    seconds: float
    steps: int
    rows: int


def whole(kind: str, folder: Path, worker: Worker) -> Whole:
    """Does a job that nothing interrupts; the second time, when all is compiled."""
    begun = 0.0
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
        worker.start(kind, folder)
        worker.until_told(1)
        begun = time.monotonic()
        status = worker.end()
        assert status == 0, worker.told
    return Whole(folder, time.monotonic() - begun, worker.steps, len(worker.windows))


def killed(kind: str, number: int, folder: Path, share: Share) -> collections.Counter:
    """Kills and resumes so many jobs, and counts what came of them.

    Every other one at a random moment, the others before a step on the disk: any, or one of the
    last.
    """
    counts: collections.Counter = collections.Counter()
    worker, expected = Worker(), None
    for place, draw in share.turns(f"kill {kind}", number):
        if expected is None:
            expected = whole(kind, folder / f"{kind}-whole", worker)
        out = folder / f"{kind}-killed"
        shutil.rmtree(out, ignore_errors=True)
        where = ("at a moment", "at a step", "at a moment", "at one of the last steps")[place % 4]
        if where == "at a moment":
            worker.start(kind, out)
            worker.until_told(draw.randrange(expected.rows))
            time.sleep(draw.uniform(0, expected.seconds / expected.rows))
            worker.kill()
        else:
            first = expected.steps - _LAST if where.endswith("last steps") else 0
            worker.start(kind, out, step=draw.randrange(first, expected.steps))
        status = worker.end()
        if (out / SUMMARY).exists():
            counts["ended before it was killed"] += status == 0
            counts["killed after its summary"] += status != 0
        else:
            goes_on = is_begun(kind, out)
            counts[f"killed {where}" if goes_on else "killed before there was anything"] += 1
            worker.start(kind, out, is_resumed=goes_on)
            if worker.end() != 0:
                counts[f"wrong: {worker.told}"] += 1
                continue
        differs = difference(expected.folder, out)
        counts["equal" if differs is None else f"DIFFERENT: {differs}"] += 1
    worker.quit()
    return +counts
