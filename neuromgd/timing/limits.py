"""What limits the work of a chip: the time that each kind of it takes, if nothing else took any."""

from typing import NamedTuple

from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import conversions_in_turn, tile
from neuromgd.timing.merit import operations
from neuromgd.timing.report import Report

# Entries of a sheet by kind of work; every other one is of the arrays and of what follows them.
KINDS = {
    "converter": ("convert", "adc_step", "input"),
    "bus": ("load", "send", "receive", "subtract", "broadcast", "wire", "repeater", "router",
            "link", "hop"),
    "synapse": ("perturb", "switch", "accumulate", "paper_clock"),
    "write": ("write",),
}  # fmt: skip

# Kind of work, resource -> time [tick].
Ticks = dict[str, dict[str, int]]


class Limits(NamedTuple):
    """Operations of passes a second, by length of a window.

    Attributes:
        windows: Lengths [timestep].
        rates: For each kind of work that takes time, the rate if that were all [1/s].
        window: Length of the run's own window [timestep].
        rate: Its rate [1/s].
    """

    windows: list[float]
    rates: dict[str, list[float]]
    window: int
    rate: float


def work(report: Report) -> Ticks:
    """Returns the time at work over a run, by kind and resource [tick]."""
    kinds = {entry: kind for kind, entries in KINDS.items() for entry in entries}
    is_sliced = report.platform.array.form == "bit_serial"
    found: Ticks = {kind: {} for kind in ("compute", *KINDS)}
    for name, ticks in report.pieces.items():
        part, _, entry = name.partition(": ")
        if is_sliced and part.startswith(("layer", "turns")) and entry in ("read", "convert"):
            continue  # one of both hides behind the other
        own = found[kinds.get(entry or part, "compute")]
        own[part] = own.get(part, 0) + ticks
    if is_sliced:
        add_slices(report, found)
    return found


def add_slices(report: Report, found: Ticks) -> None:
    """Adds what reads and conversions of slices take, each as if it waited for no other."""
    workload, array, clock = report.workload, report.platform.array, Clock(report.platform)
    products = workload.products
    for (stage, turns), name in zip(products.stages, products.resources, strict=True):
        reads, conversions = 0, 0
        for one in stage.products:
            matrix, copies = products.matrices[one.matrix], workload.copies[one.matrix]
            rows = 1 if one.looks_up else matrix.rows
            tiling = tile(array, rows, matrix.columns, matrix.apart, copies)
            slices = array.slices * turns * -(-one.calls // copies)
            reads = max(reads, slices * clock["read"])
            conversions = max(
                conversions, slices * conversions_in_turn(array, tiling) * clock["convert"]
            )
        for kind, ticks in (("compute", reads), ("converter", conversions)):
            passes = report.counts["readings"]
            found[kind][name] = found[kind].get(name, 0) + passes * ticks


def limits(report: Report, points: int = 61) -> Limits:
    """Returns the limits over windows a thousand times shorter and longer than the run's own.

    Work of one kind on one resource goes on in turn; on several it does so side by side, unless the
    schedule does one thing after the other anyway. Only what is written hangs on the window: a chip
    that writes half as often may take twice as long for a write.
    """
    done, own = operations(report), report.workload.tau_update
    together = sum if report.clockwork.program.is_serial else max
    seconds = {
        kind: float(together(ticks.values()) * report.tick)
        for kind, ticks in work(report).items() if any(ticks.values())
    }  # fmt: skip
    windows = [own * 10 ** (6 * number / (points - 1) - 3) for number in range(points)]
    windows = [window for window in windows if window >= 1]
    rates = {
        kind: [done / took * (window / own if kind == "write" else 1.0) for window in windows]
        for kind, took in seconds.items()
    }
    return Limits(windows, rates, own, done / report.seconds)
