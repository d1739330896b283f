"""The files of ``neuromgd time``: traces and chart of the first timesteps."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from neuromgd import units
from neuromgd.cli.files import writable, written
from neuromgd.errors import InputError
from neuromgd.shown import short
from neuromgd.timing import Report

# Endings of files whose format hangs on them.
ENDINGS = {"gantt": (".svg", ".png", ".pdf")}

# Timesteps that a trace and a chart can hold.
LONGEST = {"trace": 2_000, "vcd": 2_000, "csv": 2_000, "gantt": 100}


class Wanted(NamedTuple):
    """Files that are asked for, by option, and for how many timesteps.

    Attributes:
        paths: File by option.
        steps: Timesteps.
        window: From when to when a chart goes [s]; None: all of them.
        is_broken: Whether its axis may be.
    """

    paths: dict[str, Path]
    steps: int
    window: tuple[float, float] | None = None
    is_broken: bool = True


def wanted(
    names: dict[str, str], steps: int | None, window: str = "", is_broken: bool = True
) -> Wanted:
    """Checks what is asked for, before any work.

    Args:
        names: File by option; "" for none.
        steps: Timesteps in the files; None: 4.
        window: From when to when a chart goes, two times; "": all of them.
        is_broken: Whether its axis may be.

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
    if "gantt" not in paths and (window or not is_broken):
        what = "window" if window else "axis"
        raise InputError(f"--gantt-{what}: has no effect without --gantt")
    return Wanted(paths, 4 if steps is None else steps, window_of(window), is_broken)


def window_of(text: str) -> tuple[float, float] | None:
    """Reads two times, such as ``10 us,30 us`` [s].

    Raises:
        InputError: If they are none, or the second is not after the first.
    """
    if not text:
        return None
    times = [units.parse(one) for one in text.split(",")]
    seconds = [float(one.value) for one in times if one.dimension == "time"]
    if len(times) != 2 or len(seconds) != 2 or not 0 <= seconds[0] < seconds[1]:
        raise InputError(
            f"--gantt-window: read {short(text)}, allowed are two times, the later one second, "
            "such as '10 us,30 us'"
        )
    return seconds[0], seconds[1]


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
        from neuromgd.plots.save import save

        last = max((one.freed for one in intervals), default=1) * float(tick)
        if files.window is not None and files.window[0] >= last:
            raise InputError(
                f"--gantt-window: begins at {files.window[0]:.6g} s, but {steps} timesteps end at "
                f"{last:.6g} s; --trace-steps shows more"
            )
        save(gantt(intervals, float(tick), title, files.window, files.is_broken), path)

    how: dict[str, Callable[[Path], None]] = {
        "trace": lambda path: perfetto.write(path, intervals, tick, title),
        "vcd": lambda path: vcd.write(path, intervals, tick, title),
        "csv": lambda path: csv.write(path, intervals),
        "gantt": chart,
    }
    for option, path in files.paths.items():
        written(f"--{option}", path, how[option])
