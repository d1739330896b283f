"""What to change first: the residue that errs by less, the entries of the platform that matter."""

from collections.abc import Mapping
from typing import Any

from neuromgd.timing import Report
from neuromgd.timing.changes import changes
from neuromgd.timing.rendering import quantity
from neuromgd.verdict.diagnose_writes import WALK_LIMIT
from neuromgd.verdict.remedy import Remedy

# Of a platform, so many.
CHANGES = 3


def advice(told: Mapping[str, Any], report: Report | None) -> list[str]:
    """Returns what to change first, best first.

    Args:
        told: Of a summary, what was seen of the chips.
        report: The clock of the run; None: it has no platform.
    """
    return residue(told) + ([] if report is None else faster(report))


def residue(told: Mapping[str, Any]) -> list[str]:
    """Returns the residue that would err by half as much, where writes err by too much."""
    remedy, walk = told["remedy"], told["diagnostics"].get("random_walk_over_window")
    if remedy is None or walk is None or walk <= WALK_LIMIT:
        return []
    better = Remedy(**remedy)
    if better.total > walk / 2:
        return []
    return [
        f"{better.told}: what writes err by falls from {walk:.2g} to {better.total:.2g} of half the"
        f" window, and writes a cell from {told['writes_per_synapse']:,.0f} to"
        f" {better.writes:,.0f}"
    ]


def faster(report: Report) -> list[str]:
    """Returns the entries of the platform whose halving shortens the run, or saves energy, most."""
    told = []
    for one in changes(report, CHANGES):
        saved = "" if one.joules is None else f", {quantity(one.joules, 'J')}"
        told.append(
            f"on {report.platform.name}, half of {' and of '.join(one.entries)}:"
            f" {quantity(one.seconds, 's')}{saved} in place of {quantity(report.seconds, 's')}"
            + ("" if report.joules is None else f", {quantity(report.joules, 'J')}")
        )
    return told
