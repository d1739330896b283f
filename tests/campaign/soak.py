"""A long run, and whether its memory grows.

What is measured is the memory in use: all that malloc has given out and not got back, objects of
Python and arrays of JAX included, after each row of the history and a collection of garbage. What
the process holds beyond that is the allocator's: it swings, and is told beside it.
"""

import collections
import contextlib
import ctypes
import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scipy.stats import theilslopes

from tests.campaign.share import Share

# Rows of the history; a part of the run before it is warm; and parts of the rest, of which the
# least reading each counts.
ROWS, WARM, PARTS = 300, 0.5, 30

# Timesteps of a window.
BATCH = 50

# MB an hour that a run may grow by.
MOST = 1.0


def soaked(steps: int, folder: Path, share: Share) -> collections.Counter:
    """Trains 64 chips on nist7x7 for so many timesteps and tells how their memory grew."""
    if share.first:
        return collections.Counter()
    told, seconds = folder / "readings", share.until - time.monotonic()
    command = [sys.executable, "-m", "tests.campaign.soak", str(steps), str(folder / "soak")]
    # Objects of Python are then in what malloc tells of.
    own = {**os.environ, "PYTHONMALLOC": "malloc"}
    with told.open("wb") as file:
        process = subprocess.Popen([*command, str(seconds)], stdout=file, env=own)
        status = process.wait()
    readings = np.loadtxt(told, ndmin=2)
    warm = readings[int(WARM * len(readings)) :]
    found: collections.Counter = collections.Counter()
    for name, place in (("in use", 1), ("held", 2)):
        slope, low, high = slope_of(warm[:, 0], warm[:, place])
        is_wrong = name == "in use" and low > MOST
        hours = (warm[-1, 0] - warm[0, 0]) / 3600
        found[f"{'wrong: ' * is_wrong}memory {name}: {slope:.3f} MB an hour, 95 % within {low:.3f}"
              f" and {high:.3f}, over {hours:.2f} h"] += 1  # fmt: skip
    found[f"{'wrong: ' * (status != 0)}exit {status}, timesteps"] += int(readings[-1, 3])
    return found


def slope_of(seconds: np.ndarray, held: np.ndarray) -> tuple[float, float, float]:
    """Returns the growth of memory with its 95 % interval [MB/h], by Theil and Sen.

    Args:
        seconds: (readings,) when they were taken [s].
        held: (readings,) what they are [byte].
    """
    parts = np.array_split(np.arange(len(held)), min(PARTS, len(held)))
    places = [part[held[part].argmin()] for part in parts]
    found = theilslopes(held[places] / 1e6, seconds[places] / 3600, 0.95)
    return float(found.slope), float(found.low_slope), float(found.high_slope)


class _Given(ctypes.Structure):
    """``struct mallinfo2`` of the C library."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    ]  # fmt: skip


def _run(steps: int, out: str, seconds: float) -> None:
    """Runs, prints a reading for every row, and ends early after so many seconds."""
    from neuromgd.options.config import Config
    from neuromgd.study import history
    from neuromgd.study.train import train

    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _Given
    begun = time.monotonic()

    def watch(row, windows: int) -> None:
        gc.collect()
        told = library.mallinfo2()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        now = time.monotonic() - begun
        print(f"{now:.3f} {told.uordblks + told.hblkhd} {4096 * pages} {row.step}", flush=True)
        if now > seconds:
            raise TimeoutError

    windows = steps // BATCH
    # As after a thousand rows, which are in memory.
    history.SHORT = 0
    with contextlib.suppress(TimeoutError):
        train(Config(task="nist7x7", chips=64, ideal=True, steps=windows * BATCH, batch=BATCH,
                     log_every=max(1, windows // ROWS), out=out), watch)  # fmt: skip


if __name__ == "__main__":
    _run(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
