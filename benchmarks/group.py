"""What a group of cases is, and what is found in it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from benchmarks.measure import Timing, Work, interleaved


class Finding(NamedTuple):
    """A number that is promised, or worth knowing.

    Attributes:
        name: What it is.
        value: How much.
        unit: Of it; empty for a ratio.
        at_most: What it must not pass, if anything.
        at_least: What it must reach, if anything.
    """

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low <= self.value <= high


class Case(NamedTuple):
    """One line of a table.

    Attributes:
        what: In a few words.
        prepare: windows in one run -> compiled work.
        windows: In one run, chosen so that it takes about a tenth of a second.
        at_most: Times the floor that it may cost.
    """

    what: str
    prepare: Callable[[int], Work]
    windows: int = 100
    at_most: float | None = None


class Comparison(NamedTuple):
    """How many times slower one case is than another, and what it must be at least or at most."""

    slow: str
    fast: str
    at_least: float | None = None
    at_most: float | None = None


class Outcome(NamedTuple):
    """What a group gave.

    Attributes:
        unit: What the seconds of its cases are for.
        timings: By case, the first is what the others are held to; maybe empty.
        findings: The numbers to remember.
        what: By case, in a few words.
        load: Average number of processes that ran on the machine, this one among them.
    """

    unit: str
    timings: dict[str, Timing]
    findings: list[Finding]
    what: dict[str, str]
    load: float = 0.0


class Wanted(NamedTuple):
    """What the user asks for: which cases (all if empty), how many rounds, and how long a run."""

    cases: frozenset[str]
    rounds: int
    share: float

    def has(self, name: str) -> bool:
        """Tells whether a case is asked for."""
        return not self.cases or name in self.cases

    def windows(self, case: Case) -> int:
        """Returns the windows of one run of a case."""
        return max(1, round(case.windows * self.share))


def take_turns(
    wanted: Wanted,
    unit: str,
    cases: Mapping[str, Case],
    comparisons: tuple[Comparison, ...] = (),
) -> Outcome:
    """Times cases in turn; the first is always among them, and the others are held to it."""
    floor = next(iter(cases))
    chosen = {name: case for name, case in cases.items() if name == floor or wanted.has(name)}
    works = {name: case.prepare(wanted.windows(case)) for name, case in chosen.items()}
    timings = interleaved(works, wanted.rounds)
    findings = [
        Finding(f"{name} / {floor}", timing.over(timings[floor]), at_most=cases[name].at_most)
        for name, timing in timings.items()
        if name != floor
    ]
    findings += [
        Finding(f"{slow} / {fast}", timings[slow].over(timings[fast]), "", most, least)
        for slow, fast, least, most in comparisons
        if slow in timings and fast in timings
    ]
    return Outcome(unit, timings, findings, {name: case.what for name, case in chosen.items()})
