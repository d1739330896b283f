"""What the run time hangs on: elasticities, and the interval that the sheet's ranges allow."""

from fractions import Fraction
from typing import NamedTuple

from neuromgd.timing.clock import Clock
from neuromgd.timing.clockwork import Clockwork
from neuromgd.timing.layout import lay_out, static_watts
from neuromgd.timing.ledger import Costs
from neuromgd.timing.report import Report


def elasticities(report: Report) -> dict[str, float]:
    """Returns d ln T / d ln entry for every time of the sheet that the run uses.

    The run is timed again with each entry one tick longer, so the figure is one-sided: where two
    paths are equally long, it is that of slowing down. A wire's time is multiplied by a length
    that is no whole number, so there a thousand ticks are added to keep rounding small.
    """
    clock = Clock(report.platform)
    found = {}
    for name in clock:
        if clock.ticks[name]:
            more = 1000 if name == "wire" else 1
            longer = clock.stretched(name, more)
            hardware = lay_out(report.platform, report.workload, longer)
            slower = Clockwork(hardware, report.workload, report.schedule)
            change = slower.at(report.workload.steps)[0] - report.ticks
            found[name] = float(Fraction(change * clock[name], report.ticks * more))
    return dict(sorted(found.items(), key=lambda item: -item[1]))


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
    clockwork = Clockwork(hardware, report.workload, report.schedule)
    ticks, totals = clockwork.at(report.workload.steps)
    seconds = ticks * report.tick
    watts = static_watts(report.platform, which)
    total = Costs(clockwork.program).spend(totals, watts, seconds).total
    return float(seconds), None if total is None else float(total)
