"""The intervals as comma-separated values, one row an interval."""

import csv
import math
from pathlib import Path

from neuromgd.timing.traces.intervals import Interval

COLUMNS = (
    "resource", "part", "phase", "cause", "step",
    "start_tick", "end_tick", "wait_ticks", "blocked_ticks", "energy_aJ",
)  # fmt: skip


def write(path: Path, intervals: list[Interval]) -> None:
    """Writes the table; every energy is a decimal number, ``nan`` where it is unknown."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in intervals:
            energy = math.nan if one.joules is None else float(one.joules * 10**18)
            writer.writerow(
                (one.resource, one.part, one.phase, one.cause, one.step, one.start, one.end,
                 one.start - one.ready, one.freed - one.end, f"{energy:.8e}")
            )  # fmt: skip
