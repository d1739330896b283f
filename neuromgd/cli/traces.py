"""The files of ``neuromgd time``: traces and chart of the first timesteps."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from neuromgd.cli.files import writable, written
from neuromgd.errors import InputError
from neuromgd.timing import Report

# Endings of files whose format hangs on them.
ENDINGS = {"gantt": (".svg", ".png", ".pdf")}

# Timesteps that a trace and a chart can hold.
LONGEST = {"trace": 2_000, "vcd": 2_000, "csv": 2_000, "gantt": 100}


class Wanted(NamedTuple):
    """Files that are asked for, by option, and for how many timesteps."""

    paths: dict[str, Path]
    steps: int


def wanted(names: dict[str, str], steps: int | None) -> Wanted:
    """Checks what is asked for, before any work.

    Args:
        names: File by option; "" for none.
        steps: Timesteps in the files; None: 4.

    Raises:
        InputError: If a file cannot be written, or the number of timesteps is out of range.
    """
    paths = {
        option: writable(f"--{option}", name, ENDINGS.get(option, ()))
        for option, name in names.items() if name
    }  # fmt: skip
    if steps is not None and not paths:
        raise InputError("--trace-steps: has no effect without --trace, --vcd, --csv or --gantt")
    longest = min((LONGEST[option] for option in paths), default=4)
    if steps is not None and not 1 <= steps <= longest:
        who = ", ".join(f"--{option}" for option in paths)
        raise InputError(f"--trace-steps: read {steps}, allowed with {who} are 1 to {longest}")
    return Wanted(paths, 4 if steps is None else steps)


def write(report: Report, files: Wanted) -> None:
    """Simulates the first timesteps and writes the files."""
    if not files.paths:
        return
    from neuromgd.timing.traces import csv, perfetto, vcd
    from neuromgd.timing.traces.intervals import simulate, table

    steps = min(files.steps, report.workload.steps)
    intervals = table(simulate(report.clockwork.program, steps))
    title = f"{report.platform.name}, {report.schedule.name}, first {steps} timesteps"
    tick = report.tick

    def chart(path: Path) -> None:
        from neuromgd.plots.gantt import gantt

        gantt(path, intervals, float(tick), title)

    how: dict[str, Callable[[Path], None]] = {
        "trace": lambda path: perfetto.write(path, intervals, tick, title),
        "vcd": lambda path: vcd.write(path, intervals, tick, title),
        "csv": lambda path: csv.write(path, intervals),
        "gantt": chart,
    }
    for option, path in files.paths.items():
        written(f"--{option}", path, how[option])
