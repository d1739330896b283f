"""Platforms side by side for ``neuromgd time --compare``; those not to be timed are told."""

import json
from collections.abc import Callable
from typing import Any

from neuromgd.errors import InputError
from neuromgd.timing import Report


def compare(
    names: list[str], timed: Callable[[str], Report]
) -> tuple[list[Report], dict[str, str]]:
    """Times each platform that can be timed.

    Returns:
        Reports of those that train and hold the network, then of the others, each in the order
        given; and why others cannot be timed, by name.

    Raises:
        InputError: If none can be timed.
    """
    reports, left_out = [], {}
    for name in names:
        try:
            reports.append(timed(name))
        except InputError as error:
            left_out[name] = str(error)
    if not reports:
        told = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise InputError(f"--compare: none of these can be timed: {told}")
    return sorted(reports, key=is_second), left_out


def is_second(report: Report) -> bool:
    """Tells whether figures are not those of a chip that can do all that is asked."""
    from neuromgd.timing.merit import merit

    is_less = bool(report.absent) or report.is_too_large
    return is_less or bool(merit(report)["is_over_power_limit"])


def is_marked(row: dict[str, Any]) -> bool:
    """Tells whether a row needs a note."""
    return bool(row["absent_for_training"] or row["is_too_large"] or row["is_over_power_limit"])


def rows(reports: list[Report]) -> list[dict[str, Any]]:
    """Returns what is compared, a row a platform, with plain numbers in SI units."""
    from neuromgd.timing.merit import bottleneck, merit
    from neuromgd.timing.sensitivity import interval

    found = []
    for report in reports:
        ends, figures = interval(report), merit(report)
        found.append(
            {
                "platform": report.platform.name,
                "schedule": report.schedule.name,
                "seconds_per_timestep": report.seconds_per_timestep,
                "seconds": report.seconds,
                "seconds_low": ends.seconds[0],
                "seconds_high": ends.seconds[1],
                "paper_clock_ratio": report.paper_ratio,
                "joules": report.joules,
                "joules_low": ends.joules[0],
                "joules_high": ends.joules[1],
                "joules_missing": list(report.missing),
                "watts": figures["watts"],
                "is_over_power_limit": figures["is_over_power_limit"],
                "bottleneck": bottleneck(report),
                "absent_for_training": list(report.absent),
                "arrays_needed": report.arrays,
                "arrays_there": report.platform.array.count,
                "is_too_large": report.is_too_large,
            }
        )
    return found


def compared(reports: list[Report], left_out: dict[str, str], as_json: bool) -> str:
    """Returns several platforms side by side, and below them what was left out and why."""
    from neuromgd.timing.rendering import quantity, ratio

    found = rows(reports)
    if as_json:
        skipped = [{"platform": name, "left_out": reason} for name, reason in left_out.items()]
        return json.dumps([*found, *skipped])
    head = (
        "platform",
        "timestep",
        "run",
        "low",
        "high",
        "against the papers' clock",
        "energy",
        "power",
        "bottleneck",
    )
    lines: list[tuple[str, ...]] = [head]
    for row in found:
        times = ("seconds_per_timestep", "seconds", "seconds_low", "seconds_high")
        mark = " *" if is_marked(row) else ""
        lines.append(
            (row["platform"] + mark, *(quantity(row[key], "s") for key in times),
             ratio(row["paper_clock_ratio"]), quantity(row["joules"], "J"),
             quantity(row["watts"], "W"), row["bottleneck"] or "")
        )  # fmt: skip
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    told = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    notes = [
        f"* {row['platform']} has no part that can {', '.join(row['absent_for_training'])}: its "
        "figures are of what it has, not of training"
        for row in found if row["absent_for_training"]
    ]  # fmt: skip
    notes += [
        f"* {row['platform']} has {row['arrays_there']:,} arrays, the network needs "
        f"{row['arrays_needed']:,}: its figures are of a larger chip"
        for row in found if row["is_too_large"]
    ]  # fmt: skip
    notes += [
        f"* {row['platform']} takes {quantity(row['watts'], 'W')}, more than can be cooled"
        for row in found if row["is_over_power_limit"]
    ]  # fmt: skip
    notes += [f"left out: {name}: {reason}" for name, reason in left_out.items()]
    return "\n".join([*told, *([""] if notes else []), *notes])
