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
from tests.campaign.compare import difference
from tests.campaign.kills import Whole, whole
from tests.campaign.worker import Worker, is_begun

STATUS = {"SIGTERM": 143, "SIGINT": 130, "SIGUSR1": 138, "second signal": 143}
STORAGE = ("too small", "filled", "read-only", "moved", "removed")
KINDS = (*STORAGE, *STATUS)
_OF_DISK = ("too small", "filled", "read-only")


@contextlib.contextmanager
def small_disk(at: Path, kilobytes: int) -> Iterator[bool]:
    """Yields whether a file system of so many kilobytes is there: only root can make one."""
    at.mkdir(exist_ok=True)
    made = _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(at))
    try:
        yield made
    finally:
        while made and subprocess.run(["umount", str(at)], capture_output=True).returncode:
            time.sleep(0.1)  # a process that is killed still has files open


def faulty(number: int, folder: Path, draw: random.Random) -> collections.Counter:
    """Brings so many faults about, and counts what came of them."""
    counts: collections.Counter = collections.Counter()
    worker = Worker()
    expected = whole("train", folder / "train-whole", worker)
    for place in range(number):
        kind = KINDS[place % len(KINDS)]
        # From 16 kB, which nothing fits into, to 4 MB, where most runs end.
        size = int(2 ** draw.uniform(4, 12)) if kind == "too small" else 4096
        with small_disk(folder / "disk", size) as is_there:
            if kind in _OF_DISK and not is_there:
                counts[f"{kind}: left out, needs root"] += 1
                continue
            came = _one(kind, folder / "disk", expected, worker, draw)
            counts[f"{kind}: {came}"] += 1
        shutil.rmtree(folder / "disk", ignore_errors=True)
    worker.quit()
    return counts


def _one(kind: str, disk: Path, expected: Whole, worker: Worker, draw: random.Random) -> str:
    out = disk / "run"
    worker.start("train", out)
    if kind != "too small":
        worker.until_it_computes()
        time.sleep(draw.uniform(0, 0.7 * expected.seconds))
        out = _brought_about(kind, worker, disk, out)
    status = worker.end()
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
    _mended(kind, disk)
    if kind == "removed" and not out.exists():
        return f"{came}, gone"
    if not (out / SUMMARY).exists():
        goes_on = is_begun("train", out)
        worker.start("train", out, is_resumed=goes_on)
        if worker.end() != 0:
            return f"wrong: {worker.told}"
        came += ", resumed" if goes_on else ", begun again"
    differs = difference(expected.folder, out)
    return f"{came}, equal" if differs is None else f"wrong: {differs}"


def _brought_about(kind: str, worker: Worker, disk: Path, out: Path) -> Path:
    if kind == "read-only":
        # A file system that is written to at this moment refuses; the next moment is as good.
        while not _mount("-o", "remount,ro", str(disk)) and worker.is_busy():
            time.sleep(0.001)
    elif kind == "filled":
        with contextlib.suppress(OSError), (disk / "of another").open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
    elif kind == "moved":
        out = out.rename(disk / "elsewhere")
    elif kind == "removed":
        shutil.rmtree(out, ignore_errors=True)
    elif kind == "second signal":
        worker.kill(signal.SIGTERM)
        worker.kill(signal.SIGTERM)
    else:
        worker.kill(getattr(signal, kind))
    return out


def _mended(kind: str, disk: Path) -> None:
    if kind in _OF_DISK:
        assert _mount("-o", "remount,rw,size=16m", str(disk))
        (disk / "of another").unlink(missing_ok=True)


def pairs(number: int, folder: Path) -> collections.Counter:
    """Starts two processes in one folder so many times, and counts who got it."""
    counts: collections.Counter = collections.Counter()
    both = [Worker(), Worker()]
    expected = whole("train", folder / "train-whole", both[0])
    for _ in range(number):
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


def _mount(*arguments: str) -> bool:
    if os.geteuid() != 0:
        return False
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
