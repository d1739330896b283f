"""Runs that are killed at random moments end with the numbers of one that is not."""

import collections
import random
import shutil
import time
from pathlib import Path

from neuromgd.study.folder import HISTORY, SUMMARY
from tests.campaign.child import Child
from tests.campaign.compare import difference


def whole(kind: str, folder: Path) -> tuple[Path, float]:
    """Returns a run that nothing interrupts, and the seconds from its first row to its end."""
    for _ in range(2):  # the first one compiles
        shutil.rmtree(folder, ignore_errors=True)
        child = Child(kind, folder)
        child.until_it_computes()
        begun = time.monotonic()
        status = child.end()
        assert status == 0, child.said[-1]
    return folder, time.monotonic() - begun


def killed(kind: str, number: int, folder: Path, draw: random.Random) -> collections.Counter:
    """Kills and resumes so many runs, and counts what came of them."""
    counts: collections.Counter = collections.Counter()
    expected, seconds = whole(kind, folder / f"{kind}-whole")
    for _ in range(number):
        out = folder / f"{kind}-killed"
        shutil.rmtree(out, ignore_errors=True)
        child = Child(kind, out)
        child.until_it_computes()
        time.sleep(draw.uniform(0, 1.1 * seconds))
        child.kill()
        child.end()
        counts["killed" if not (out / SUMMARY).exists() else "ended before it was killed"] += 1
        if not (out / SUMMARY).exists():
            last = max((p for p in child.said if isinstance(p, int)), default=0)
            counts["killed after the last row"] += last >= 300 and kind == "train"
            is_begun = any(out.rglob("checkpoints/[0-9]*"))
            counts["killed before a checkpoint"] += not is_begun
            again = Child(kind, out, is_resumed=is_begun)
            status = again.end()
            assert status == 0, (status, again.said[-1:])
        assert (out / HISTORY).exists() or kind == "sweep"
        differs = difference(expected, out)
        counts["equal" if differs is None else f"DIFFERENT: {differs}"] += 1
    return counts
