"""Faults: full, read-only, moved and removed folders, signals, and two processes in one folder."""

import collections
import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from neuromgd.study.folder import SUMMARY
from tests.campaign.broken import ELSEWHERE, FILLER, mount
from tests.campaign.compare import difference
from tests.campaign.kills import Whole, whole
from tests.campaign.share import Share
from tests.campaign.worker import HANGS, Worker, is_begun

STATUS = {"SIGTERM": 143, "SIGINT": 130, "SIGUSR1": 138, "second signal": 143}
STORAGE = ("too small", "filled", "read-only", "moved", "removed")
KINDS = (*STORAGE, *STATUS)
JOBS = ("train", "sweep", "train", "tolerate", "train", "explore")

# Steps at the end of a job at which nothing is written any more, and the share of faults that may
# come to nothing: a disk that is large enough is among them.
_LAST, _FEW = 4, 0.34


@contextlib.contextmanager
def small_disk(at: Path, kilobytes: int) -> Iterator[bool]:
    """Yields whether a file system of so many kilobytes is there: not all may make one."""
    at.mkdir(exist_ok=True)
    made = mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(at))
    try:
        yield made
    finally:
        while os.path.ismount(at):
            # A process that is killed still has files open.
            if subprocess.run(["umount", str(at)], capture_output=True).returncode:
                time.sleep(0.1)


def faulty(number: int, folder: Path, share: Share) -> collections.Counter:
    """Brings so many faults about, and counts what came of them.

    Where no file system can be mounted, a full one is a limit on the size of files, and one that is
    read-only an error of the calls that change it.
    """
    counts: collections.Counter = collections.Counter()
    bitten: collections.Counter = collections.Counter()
    worker, known = Worker(), {}
    for place, draw in share.turns("fault", number):
        kind, job = KINDS[place % len(KINDS)], JOBS[place // len(KINDS) % len(JOBS)]
        if job not in known:
            known[job] = whole(job, folder / f"{job}-whole", worker)
        with small_disk(folder / "disk", _size(kind, known[job], draw)) as is_there:
            came = _one(kind, job, folder / "disk", known[job], worker, draw)
            counts[f"{kind}{'' if is_there else ' (no disk of its own)'}: {job}: {came}"] += 1
            if kind in STORAGE:
                bitten[not came.startswith("finished")] += 1
        shutil.rmtree(folder / "disk", ignore_errors=True)
    worker.quit()
    counts["faults of the disk that came to something"] += bitten[True]
    counts["faults of the disk that came to nothing"] += bitten[False]
    if bitten[False] > _FEW * bitten.total() + 1:
        counts["wrong: too many faults of the disk came to nothing"] += 1
    return +counts


def _size(kind: str, expected: Whole, draw: random.Random) -> int:
    """Returns the kilobytes of a disk: at least 16, which nothing fits into, up to 4 MB."""
    if kind != "too small":
        return 4096
    needed = sum(path.stat().st_blocks // 2 for path in expected.folder.rglob("*"))
    return min(4096, int(16 * (1.1 * needed / 16) ** draw.random()))


def _one(
    kind: str, job: str, disk: Path, expected: Whole, worker: Worker, draw: random.Random
) -> str:
    out = disk / "run"
    if kind in STORAGE:
        step = 0 if kind == "too small" else draw.randrange(expected.steps - _LAST)
        worker.start(job, out, step=step, fault=kind)
    else:
        worker.start(job, out)
        worker.until_told(draw.randrange(1, expected.rows))
        time.sleep(draw.uniform(0, expected.seconds / expected.rows))
        for number in ("SIGTERM", "SIGTERM") if kind == "second signal" else (kind,):
            worker.kill(getattr(signal, number))
    status = worker.end()
    out = disk / ELSEWHERE if kind == "moved" and (disk / ELSEWHERE).exists() else out
    if status == HANGS:
        return f"wrong: hangs: {worker.told}"
    if status == 0:
        came = "finished before"
    elif kind in STATUS:
        if status != STATUS[kind]:
            return f"wrong: exit {status}: {worker.told}"
        came = f"exit {status}"
    else:
        if status not in (1, 2) or not worker.told:
            return f"wrong: exit {status}: {worker.told}"
        came = "one line"
    _mended(disk)
    if kind == "removed" and not out.exists():
        return f"{came}, gone"
    if not (out / SUMMARY).exists():
        goes_on = is_begun(job, out)
        worker.start(job, out, is_resumed=goes_on)
        if worker.end() != 0:
            return f"wrong: {worker.told}"
        came += ", resumed" if goes_on else ", begun again"
    differs = difference(expected.folder, out)
    return f"{came}, equal" if differs is None else f"wrong: {differs}"


def _mended(disk: Path) -> None:
    if os.statvfs(disk).f_flag & os.ST_RDONLY:
        subprocess.run(["umount", str(disk)], check=True)
    if os.path.ismount(disk):
        assert mount("-o", "remount,size=16m", str(disk))
    (disk / FILLER).unlink(missing_ok=True)


def pairs(number: int, folder: Path, share: Share) -> collections.Counter:
    """Starts two processes in one folder so many times, and counts who got it."""
    counts: collections.Counter = collections.Counter()
    both, expected = [Worker(), Worker()], None
    for _ in share.turns("pair", number):
        if expected is None:
            expected = whole("train", folder / "pair-whole", both[0])
        out = folder / "shared"
        shutil.rmtree(out, ignore_errors=True)
        for worker in both:
            worker.start("train", out)
        ends = sorted(worker.end() for worker in both)
        if ends == [0, 2]:
            counts["one ran, one was refused"] += 1
        elif ends == [0, 0]:
            # The second came when the first was done, and wrote over it as it was told.
            counts["one after the other"] += 1
        else:
            counts[f"wrong: exits {ends}: {[worker.told for worker in both]}"] += 1
            continue
        differs = difference(expected.folder, out)
        counts["equal" if differs is None else f"DIFFERENT: {differs}"] += 1
    for worker in both:
        worker.quit()
    return counts
