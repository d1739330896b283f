"""What an architect asks of a run: power, energy and rate by unit of work, cells and area."""

from fractions import Fraction
from typing import Any

from neuromgd.timing.layer import tilings_of
from neuromgd.timing.report import Report


def operations(report: Report) -> int:
    """Returns the operations of a run: 2 for every weight and use in every pass of every chip."""
    passes = report.counts["readings"] * report.workload.chips
    return passes * report.workload.products.operations


def square_metres(report: Report) -> float | None:
    """Returns the area of all parts of a chip that the sheet knows [m²]; None: none, or not all."""
    areas = [entry.exact() for entry in report.platform.areas.values()]
    if not areas or any(area is None for area in areas):
        return None
    return float(sum((area for area in areas if area is not None), Fraction(0)))


def utilisation(report: Report) -> float | None:
    """Returns the share of the cells of the arrays in use that hold a weight [1]."""
    array = report.platform.array
    if array.form == "whole" or not report.hardware.forward:
        return None
    tilings = tilings_of(array, report.workload)
    held = sum(tiling.cells * tiling.copies for tiling in tilings)
    return held / (sum(tiling.arrays for tiling in tilings) * array.rows * array.columns)


def merit(report: Report) -> dict[str, Any]:
    """Returns the figures, in SI units; None where the sheet does not know enough.

    Powers and energies are means over the run, writes included; operations are those of passes
    alone, whatever else the chip does meanwhile.
    """
    workload, seconds, joules = report.workload, report.seconds, report.joules
    counts, done = report.counts, operations(report)
    each = lambda many: None if joules is None or not many else joules / many
    limit = report.platform.power_limit
    watts = each(seconds)
    most = None if limit is None or limit.value is None else float(limit.exact() or 0)
    chips = workload.chips
    return {
        "watts": watts,
        "power_limit_watts": most,
        "is_over_power_limit": None if watts is None or most is None else watts / chips > most,
        "joules_per_timestep": each(workload.steps),
        "joules_per_update": each(counts["updates"]),
        "joules_per_sample": each(-(-workload.steps // workload.tau_sample)),
        "samples_per_second": -(-workload.steps // workload.tau_sample) / seconds,
        "operations": done,
        "operations_per_second": done / seconds,
        "operations_per_joule": None if not joules else done / joules,
        "energy_delay_product": None if joules is None else joules * seconds / workload.steps**2,
        "utilisation": utilisation(report),
        "square_metres": square_metres(report),
    }


def bottleneck(report: Report) -> str | None:
    """Returns the piece of work that takes most of the time at work of one resource."""
    busiest = max(report.ledger, key=lambda name: report.ledger[name].busy, default=None)
    pieces = report.pieces
    if report.clockwork.program.is_serial or busiest is None:
        return max(pieces, key=lambda name: pieces[name], default=None)
    own = {name: ticks for name, ticks in pieces.items() if name.partition(":")[0] == busiest}
    return max(own, key=lambda name: own[name], default=busiest)
