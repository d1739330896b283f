"""What to change first: entries of the sheet made twice as good, alone and in pairs."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import msgspec

from neuromgd.sheets.platform import Platform
from neuromgd.sheets.platform_schema import Entry
from neuromgd.timing.report import Report, time_run

# Pairs are made of so many of the best single changes.
BEST = 6


class Change(NamedTuple):
    """Entries made half as large, and what the run then takes: the clock ran again for it.

    Attributes:
        entries: Their names.
        seconds: Run time [s].
        joules: Energy [J]; None where the sheet does not know it all.
    """

    entries: tuple[str, ...]
    seconds: float
    joules: float | None


def halved(platform: Platform, entries: Sequence[str]) -> Platform:
    """Returns the sheet with entries such as ``times.write`` half as large, ranges included."""
    for key in entries:
        group, _, name = key.partition(".")
        table = dict(getattr(platform, group))
        table[name] = half(table[name])
        platform = msgspec.structs.replace(platform, **{group: table})
    return platform


def half(entry: Entry) -> Entry:
    """Returns an entry half as large."""
    numbers = {
        name: number / 2
        for name in ("value", "low", "high", "deviation", "fixed")
        if (number := getattr(entry, name)) is not None
    }
    return msgspec.structs.replace(entry, **numbers)


def entries_of(platform: Platform) -> list[str]:
    """Returns all entries that may be made smaller, but for those that are 0 or not known."""
    energies = [name for name in platform.energies if platform.adc is None or name != "convert"]
    groups = {"times": platform.times, "energies": energies, "powers": platform.powers}
    chosen = [] if platform.adc is None else [f"adcs.{platform.adc}"]
    return chosen + [
        f"{group}.{name}"
        for group, names in groups.items() for name in names if getattr(platform, group)[name].value
    ]  # fmt: skip


def changes(report: Report, most: int) -> list[Change]:
    """Returns the changes that shorten the run or save energy, those that do most of both first.

    Args:
        report: Of the run as the sheet is.
        most: How many are wanted.
    """
    platform, before = report.original, Change((), report.seconds, report.joules)

    def tried(entries: tuple[str, ...]) -> Change:
        again = time_run(halved(platform, entries), report.workload, report.schedule)
        return Change(entries, again.seconds, again.joules)

    def worth(change: Change) -> float:
        energy = change.joules or 1.0
        return change.seconds * energy

    alone = sorted((tried((name,)) for name in entries_of(platform)), key=worth)
    helping = [change for change in alone if worth(change) < worth(before)]
    pairs = [tried(one.entries + other.entries) for one, other in combinations(helping[:BEST], 2)]
    return sorted([*helping, *pairs], key=worth)[:most]
