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
from tests.campaign.child import Child
from tests.campaign.compare import difference
from tests.campaign.kills import whole

KINDS = ("full", "read-only", "moved", "removed", "SIGTERM", "SIGINT", "SIGUSR1", "second signal")

STATUS = {"SIGTERM": 143, "SIGINT": 130, "SIGUSR1": 138, "second signal": 143}


@contextlib.contextmanager
def small_disk(at: Path, kilobytes: int) -> Iterator[bool]:
    """Yields whether a file system of so many kilobytes is there: only root can make one."""
    at.mkdir(exist_ok=True)
    made = _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(at))
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", str(at)], check=True)


def faulty(number: int, folder: Path, draw: random.Random) -> collections.Counter:
    """Brings so many faults about, and counts what came of them."""
    counts: collections.Counter = collections.Counter()
    expected, seconds = whole("train", folder / "train-whole")
    for place in range(number):
        kind = KINDS[place % len(KINDS)]
        size = int(2 ** draw.uniform(4, 12)) if kind == "full" else 8192
        with small_disk(folder / "disk", size) as is_there:
            if kind in ("full", "read-only") and not is_there:
                counts[f"{kind}: left out, needs root"] += 1
                continue
            came = _one(kind, folder / "disk", seconds, expected, draw)
            counts[f"{kind}: {came}"] += 1
        shutil.rmtree(folder / "disk", ignore_errors=True)
    return counts


def _one(kind: str, disk: Path, seconds: float, expected: Path, draw: random.Random) -> str:
    out = disk / "run"
    child = Child("train", out)
    if kind != "full":
        child.until_it_computes()
        time.sleep(draw.uniform(0, 0.7 * seconds))
        out = _brought_about(kind, child, disk, out)
    status = child.end()
    told = [one for one in child.said if isinstance(one, str)]
    if status == 0:
        came = "finished"
    elif kind in STATUS:
        assert status == STATUS[kind], (kind, status, told)
        came = f"exit {status}"
    else:
        assert status in (1, 2), (kind, status, told)
        assert len(told) == 1, told
        came = "one line"
    if kind in ("full", "read-only"):
        assert _mount("-o", "remount,rw,size=16m", str(disk))
    if kind == "removed" and not out.exists():
        return f"{came}, gone"
    if not (out / SUMMARY).exists():
        is_begun = any(out.rglob("checkpoints/[0-9]*"))
        again = Child("train", out, is_resumed=is_begun)
        status = again.end()
        assert status == 0, (kind, status, again.said[-1:])
        came += ", resumed" if is_begun else ", begun again"
    differs = difference(expected, out)
    assert differs is None, (kind, differs)
    return f"{came}, equal"


def _brought_about(kind: str, child: Child, disk: Path, out: Path) -> Path:
    if kind == "read-only":
        # A file system that is written to at this moment refuses; the next moment is as good.
        while not _mount("-o", "remount,ro", str(disk)) and child.process.is_alive():
            time.sleep(0.001)
    elif kind == "moved":
        out = out.rename(disk / "elsewhere")
    elif kind == "removed":
        shutil.rmtree(out, ignore_errors=True)
    elif kind == "second signal":
        child.kill(signal.SIGTERM)
        child.kill(signal.SIGTERM)
    else:
        child.kill(getattr(signal, kind))
    return out


def pairs(number: int, folder: Path) -> collections.Counter:
    """Starts two processes in one folder so many times, and counts who got it."""
    counts: collections.Counter = collections.Counter()
    expected, _ = whole("train", folder / "train-whole")
    for _ in range(number):
        out = folder / "shared"
        shutil.rmtree(out, ignore_errors=True)
        both = [Child("train", out), Child("train", out)]
        ends = sorted(child.end() for child in both)
        if ends == [0, 2]:
            counts["one ran, one was refused"] += 1
        else:
            # The second came when the first was done, and wrote over it as it was told.
            assert ends == [0, 0], (ends, [child.said[-1:] for child in both])
            counts["one after the other"] += 1
        assert difference(expected, out) is None
    return counts


def _mount(*arguments: str) -> bool:
    if os.geteuid() != 0:
        return False
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
