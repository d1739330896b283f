"""Published inference chips, for ``reproduce``: all arrays at work on full matrices."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from neuromgd.sheets.platform import Platform, load
from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import layer_energies, tile
from neuromgd.timing.merit import merit
from neuromgd.timing.products import Loop, Matrix, Product, Products, Stage
from neuromgd.timing.report import time_run
from neuromgd.timing.workload import Workload

Facts = dict[str, Any]
Row = tuple[str, float, float, str]


def full(platform: Platform, arrays: int) -> Products:
    """Returns products that fill so many arrays, all side by side."""
    array = platform.array
    rows, columns = array.rows // array.rows_per_weight, array.columns // array.columns_per_weight
    matrix = Matrix(rows, columns, apart=arrays)
    return Products((matrix,), (Loop((Stage((Product(0),)),)),), rows, columns, rows * columns)


def at_peak(facts: Facts) -> Iterator[Row]:
    """Lets the clock run full arrays, sample after sample."""
    for name, (throughput, efficiency) in facts["theirs"].items():
        platform = load(name)
        workload = Workload(network=full(platform, facts["arrays"]), steps=1000)
        figures = merit(time_run(platform, workload, "inference"))
        yield "throughput", figures["operations_per_second"] / 1e12, throughput, "TOPS"
        yield "efficiency", figures["operations_per_joule"] / 1e12, efficiency, "TOPS/W"


def clocks(facts: Facts) -> Iterator[Row]:
    """Counts the clocks of one pass, sample to cost."""
    for name, theirs in facts["theirs"].items():
        report = time_run(load(name), Workload(layers=tuple(facts["layers"]), steps=1))
        seconds = report.hardware.pass_ticks * report.tick
        period = Fraction(str(facts["clock_ns"])) / 10**9
        yield "one inference", float(seconds / period), theirs, facts["unit"]


def one_product_joules(platform: Platform, rows: int, columns: int) -> Fraction:
    """Returns the energy of one product of one array, of what the sheet knows [J]."""
    tiling = tile(platform.array, rows, columns)
    energies = platform.energies
    return sum(
        (
            count * (energies[name].exact() or Fraction(0))
            for name, count in layer_energies(platform, tiling) if name in energies
        ),
        Fraction(0),
    )  # fmt: skip


def power_at_peak(facts: Facts) -> Iterator[Row]:
    """Adds up the energy of full arrays that take one slice after the other without a pause."""
    for name, theirs in facts["theirs"].items():
        platform = load(name)
        array, clock = platform.array, Clock(platform)
        columns = array.columns // array.columns_per_weight
        seconds = array.slices * clock["read"] * clock.tick
        joules = one_product_joules(platform, array.rows, columns)
        yield "power", float(facts["arrays"] * joules / seconds), theirs, facts["unit"]


def efficiency(facts: Facts) -> Iterator[Row]:
    """Sets the operations of one product against its energy."""
    for name, theirs in facts["theirs"].items():
        rows, columns = facts["rows"], facts["columns"]
        platform = load(name)
        reading = one_product_joules(platform, rows, columns)
        yield "one product", float(2 * rows * columns / reading / 10**12), theirs, facts["unit"]
