"""A long run, and whether its memory grows."""

import collections
import time
from pathlib import Path

import numpy as np

from neuromgd.options.config import Config
from neuromgd.study.train import train
from tests.campaign.share import Share
from tests.campaign.worker import CONTEXT

# Between two readings of the memory, and the share of them before it is warm: what compiles, and
# buffers that grow to their size.
SECONDS = 1.0
WARM = 0.5
# Readings that follow each other are alike: slopes are those of so many parts of the run.
PARTS = 10

# MB an hour that a run may grow by.
MOST = 1.0


def soaked(steps: int, folder: Path, share: Share) -> collections.Counter:
    """Trains 64 chips on nist7x7 for so many timesteps and tells how their memory grew."""
    out = folder / "soak"
    process = CONTEXT.Process(target=_run, args=(steps, str(out)), daemon=True)
    process.start()
    begun, readings = time.monotonic(), []
    while process.is_alive():
        time.sleep(SECONDS)
        bytes_now = _resident(process.pid)
        if bytes_now and any(out.glob("checkpoints/[0-9]*")):
            readings.append((time.monotonic() - begun, bytes_now))
    slope, half = slope_of(np.asarray(readings)[int(WARM * len(readings)) :])
    hours = (readings[-1][0] - readings[0][0]) / 3600
    told = f"{slope:.2f} ± {half:.2f} MB an hour (95 %) over {hours:.2f} h"
    is_wrong = process.exitcode != 0 or slope - half > MOST
    return collections.Counter({f"{'wrong: ' * is_wrong}{told}": 1})


def slope_of(readings: np.ndarray) -> tuple[float, float]:
    """Returns the growth of memory and half of its 95 % interval [MB/h], of (n, 2) s and byte.

    The mean of the slopes of ten parts, between their ends; Student's t with nine degrees.
    """
    parts = np.array_split(readings, PARTS + 1)
    centres = np.array([part.mean(axis=0) for part in parts])
    slopes = np.diff(centres[:, 1]) / np.diff(centres[:, 0]) * 3600 / 1e6
    return float(slopes.mean()), float(2.262 * slopes.std(ddof=1) / np.sqrt(PARTS))


def _run(steps: int, out: str) -> None:
    train(Config(task="nist7x7", chips=64, ideal=True, steps=steps, log_every=1000, out=out))


def _resident(pid: int | None) -> int:
    try:
        return 4096 * int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
