"""The ledger of a run: what each resource did with its time, and what burnt how much for what."""

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from neuromgd.timing.leap import Totals
from neuromgd.timing.part import plus
from neuromgd.timing.program import Due, Program


class Line(NamedTuple):
    """Time of one resource over a run; busy + blocked + idle is the whole run [tick].

    Attributes:
        busy: Time at work.
        blocked: Time in which it held a result that nobody took yet.
        idle: Time without anything.
        queued: Time that ready work waited for it, summed over that work.
    """

    busy: int
    blocked: int
    idle: int
    queued: int


class Energy(NamedTuple):
    """Energy of a run.

    Attributes:
        parts: Joules by (component, cause); None where the sheet does not know [J].
        missing: Entries of the sheet that are not known.
    """

    parts: dict[tuple[str, str], Fraction | None]
    missing: tuple[str, ...]

    @property
    def total(self) -> Fraction | None:
        """Energy of the whole run [J]; None if a part of it is not known."""
        if self.missing:
            return None
        return sum((joules for joules in self.parts.values() if joules), Fraction(0))

    def by(self, which: int) -> dict[str, Fraction | None]:
        """Adds up by component (0) or by cause (1) [J]; a sum with an unknown part is unknown."""
        sums: dict[str, Fraction | None] = {}
        for key, joules in self.parts.items():
            sums[key[which]] = plus(sums.get(key[which], Fraction(0)), joules)
        return sums

    @property
    def of_causes(self) -> dict[str, dict[str, Fraction | None]]:
        """Joules by component, for every cause [J]."""
        tables: dict[str, dict[str, Fraction | None]] = {cause: {} for cause in self.by(1)}
        for (part, cause), joules in self.parts.items():
            tables[cause][part] = joules
        return tables


class Costs:
    """What one beat of each kind costs, worked out once."""

    def __init__(self, program: Program):
        self.program = program
        self.busy: dict[Due, dict[str, int]] = {}
        self.pieces: dict[Due, dict[str, int]] = {}
        self.energy: dict[Due, dict[tuple[str, str], Fraction | None]] = {}

    def learn(self, due: Due) -> None:
        """Adds up one kind of beat."""
        busy: dict[str, int] = defaultdict(int)
        pieces: dict[str, int] = defaultdict(int)
        energy: dict[tuple[str, str], Fraction | None] = {}
        for operation in self.program.operations(due):
            part = operation.part
            for resource, ticks in part.inside or ((part.resource, part.ticks),):
                busy[resource] += ticks
            for entry, ticks in part.pieces:
                pieces[label(part.name, entry)] += ticks
            for component, joules in part.energy:
                key = (component, operation.cause)
                energy[key] = plus(energy.get(key, Fraction(0)), joules)
        self.busy[due], self.pieces[due], self.energy[due] = busy, pieces, energy

    def add_up(self, totals: Totals, which: dict[Due, dict[str, int]]) -> dict[str, int]:
        """Adds ``busy`` or ``pieces`` over all beats of a run."""
        sums: dict[str, int] = defaultdict(int)
        for due, count in totals.beats.items():
            if due not in self.busy:
                self.learn(due)
            for name, ticks in which[due].items():
                sums[name] += count * ticks
        return dict(sums)

    def lines(self, ticks: int, totals: Totals) -> dict[str, Line]:
        """Returns the ledger of every resource over a run of so many ticks."""
        lines = {}
        for name, busy in self.add_up(totals, self.busy).items():
            blocked = totals.blocked.get(name, 0)
            idle = ticks - busy - blocked
            lines[name] = Line(busy, blocked, idle, totals.queued.get(name, 0))
        return lines

    def spend(self, totals: Totals, static_watts: Fraction | None, seconds: Fraction) -> Energy:
        """Returns the energy of a run, static power included."""
        sums: dict[tuple[str, str], Fraction | None] = {}
        for due, count in totals.beats.items():
            if due not in self.energy:
                self.learn(due)
            for key, joules in self.energy[due].items():
                more = None if joules is None else count * joules
                sums[key] = plus(sums.get(key, Fraction(0)), more)
        missing = {f"energies.{key[0]}" for key, joules in sums.items() if joules is None}
        if static_watts is None:
            missing.add("powers")
        if static_watts != 0:
            sums["static", "static"] = None if static_watts is None else static_watts * seconds
        return Energy(sums, tuple(sorted(missing)))


def label(part: str, entry: str) -> str:
    """Returns how a piece of a part is called in reports."""
    return part if part == entry else f"{part}: {entry}"
