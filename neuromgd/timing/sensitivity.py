"""What the run time hangs on: elasticities, and the interval that the sheet's ranges allow."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from neuromgd.timing.clock import Clock
from neuromgd.timing.clockwork import Clockwork
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.layout import Builder, lay_out
from neuromgd.timing.ledger import Costs
from neuromgd.timing.lumps import lumped
from neuromgd.timing.prices import static_watts
from neuromgd.timing.report import Report

# Pairs are made faster by this share of each time.
SHARE = Fraction(1, 1000)

# What two slopes may differ by without being told apart: lengths of wire are rounded to ticks.
SAME = 1e-3


class Elasticity(NamedTuple):
    """d ln T / d ln entry, from both sides.

    Attributes:
        slower: Of making the entry slower.
        faster: Of making it faster; at a tie of two paths it is smaller.
    """

    slower: float
    faster: float

    @property
    def is_tie(self) -> bool:
        """Whether the entry's path is as long as another that goes without it."""
        return self.slower - self.faster > SAME


def energy_elasticities(report: Report, found: Mapping[str, Elasticity]) -> dict[str, float]:
    """Returns d ln E / d ln entry of every energy, power and time of the sheet that the run uses.

    An energy counts as often as it is spent, so that its share is its elasticity; a time counts
    through what burns all the time. Empty where the energy is not known.

    Args:
        report: Of the run.
        found: Elasticities of its time; those of making entries faster are taken.
    """
    total = report.energy.total
    if not total:
        return {}
    parts = report.energy.by(0)
    shares = {
        f"energies.{name}": float((joules or 0) / total)
        for name, joules in parts.items() if name != "static"
    }  # fmt: skip
    static = (parts.get("static") or Fraction(0)) / total
    watts = report.static_watts or Fraction(1)
    for name, entry in report.platform.powers.items():
        own = (entry.exact() or Fraction(0)) * report.workload.chips / watts
        shares[f"powers.{name}"] = float(own * static)
    shares |= {f"times.{name}": one.faster * float(static) for name, one in found.items()}
    told = {name: share for name, share in shares.items() if share}
    return dict(sorted(told.items(), key=lambda item: -item[1]))


class Together(NamedTuple):
    """Entries that shorten the run further if they become faster together.

    Attributes:
        entries: Their names.
        faster: d ln T / d ln of all of them.
        alone: The sum of what each does alone.
    """

    entries: tuple[str, ...]
    faster: float
    alone: float


def shortened(report: Report, hardware: Hardware) -> Clockwork:
    """Returns what tells the time and energy of a run, without what each part of a pass does."""
    if report.clockwork.program.is_ordered:
        hardware = lumped(hardware)
    return Clockwork(hardware, report.workload, report.schedule)


class Rerun:
    """Times a run again with other times."""

    def __init__(self, report: Report):
        self.report, self.clock = report, Clock(report.platform)
        self.builder = Builder(report.platform, report.workload, self.clock, has_prices=False)

    def ticks(self, by: Mapping[str, int]) -> int:
        """Returns the run time with times changed by so many ticks [tick]."""
        hardware = self.builder.at(self.clock.changed(by)).build()
        return shortened(self.report, hardware).at(self.report.workload.steps)[0]

    def slope(self, by: Mapping[str, int], share: Fraction) -> float:
        """Returns d ln T over a share of a time."""
        return float((self.ticks(by) - self.report.ticks) / (self.report.ticks * share))


def elasticities(report: Report) -> dict[str, Elasticity]:
    """Returns the elasticities of every time of the sheet that the run uses.

    The run is timed again with each entry one tick longer, and one tick shorter. A wire's time is
    multiplied by a length that is no whole number, so there it is a thousand ticks, to keep
    rounding small.
    """
    rerun, found = Rerun(report), {}
    for name, ticks in rerun.clock.ticks.items():
        if ticks:
            more = min(1000 if name == "wire" else 1, ticks)
            share = Fraction(more, ticks)
            slower = rerun.slope({name: more}, share)
            found[name] = Elasticity(slower, rerun.slope({name: -more}, -share))
    return dict(sorted(found.items(), key=lambda item: -item[1].slower))


def together(report: Report, found: Mapping[str, Elasticity]) -> list[Together]:
    """Returns which tied entries must change together: pairs, or all of them at once."""
    rerun = Rerun(report)
    tied = [name for name, elasticity in found.items() if elasticity.is_tie]
    groups = []
    for entries in (*combinations(tied, 2), *([tuple(tied)] if len(tied) > 2 else [])):
        by = {name: -max(1, round(rerun.clock[name] * SHARE)) for name in entries}
        share = min(Fraction(-ticks, rerun.clock[name]) for name, ticks in by.items())
        alone = sum(found[name].faster for name in entries)
        group = Together(entries, rerun.slope(by, -share), alone)
        if group.faster - alone > SAME and not (len(entries) > 2 and groups):
            groups.append(group)
    return groups


class Interval(NamedTuple):
    """What a run takes with every entry of the sheet at its low and at its high end.

    Attributes:
        seconds: Run time, low and high [s].
        joules: Energy, low and high [J]; None where the sheet does not know it all.
    """

    seconds: tuple[float, float]
    joules: tuple[float | None, float | None]


def interval(report: Report) -> Interval:
    """Returns time and energy at the ends of the sheet's ranges.

    A slower entry never makes a run of fixed order faster, so no choice inside the ranges leaves
    the interval. With arbitration by arrival or priority that is not guaranteed.
    """
    low, high = (at_end(report, which) for which in ("low", "high"))
    return Interval((low[0], high[0]), (low[1], high[1]))


def at_end(report: Report, which: str) -> tuple[float, float | None]:
    """Returns time [s] and energy [J] of the run with all entries at one end of their ranges."""
    hardware = lay_out(report.platform, report.workload, which=which)
    clockwork = shortened(report, hardware)
    ticks, totals = clockwork.at(report.workload.steps)
    seconds = ticks * report.tick
    watts = static_watts(report.platform, report.workload.chips, which)
    total = Costs(clockwork.program).spend(totals, watts, seconds).total
    return float(seconds), None if total is None else float(total)
