"""Whether two run folders hold the same numbers, bit for bit."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.told import read_summary

# What differs from run to run.
APART = {"wall_seconds", "checksum"}


def difference(one: Path, other: Path) -> str | None:
    """Returns what differs between two finished folders; None: nothing does."""
    for path in sorted(one.rglob("*.parquet")):
        name = path.relative_to(one)
        if not (other / name).exists():
            return f"{name} is missing"
        if pq.read_table(path) != pq.read_table(other / name):
            return f"{name} differs"
    for path in sorted(one.glob("points/*")):
        name = path.relative_to(one)
        if not (other / name).exists() or path.read_bytes() != (other / name).read_bytes():
            return f"{name} differs"
    if _told(one) != _told(other):
        return "summary.json differs"
    for path in sorted(one.rglob("checkpoints")):
        kept = Checkpoints(path.parent).read()
        again = Checkpoints(other / path.parent.relative_to(one)).read()
        if kept.window != again.window:
            return f"{path.relative_to(one)}: windows {kept.window} and {again.window}"
        for name, values in kept.chips.items():
            if not np.array_equal(values, again.chips[name], equal_nan=values.dtype.kind == "f"):
                return f"{path.relative_to(one)}: {name} differs"
    return None


def _told(folder: Path) -> dict:
    return {k: v for k, v in read_summary(folder / "summary.json").items() if k not in APART}
