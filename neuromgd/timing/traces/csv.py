"""The intervals as comma-separated values, one row an interval."""

import csv
from pathlib import Path

from neuromgd.timing.traces.intervals import Interval

COLUMNS = (
    "resource", "part", "phase", "cause", "step",
    "start_tick", "end_tick", "wait_ticks", "blocked_ticks", "energy_aJ",
)  # fmt: skip


def write(path: Path, intervals: list[Interval]) -> None:
    """Writes the table; an unknown energy stays empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in intervals:
            energy = "" if one.joules is None else f"{float(one.joules * 10**18):.9g}"
            writer.writerow(
                (one.resource, one.part, one.phase, one.cause, one.step, one.start, one.end,
                 one.start - one.ready, one.freed - one.end, energy)
            )  # fmt: skip
