"""The designs of an exploration: their options, what they cost beforehand, how they did."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.metrics.metric import Metric
from neuromgd.device.cell import tester_pulses
from neuromgd.errors import InputError
from neuromgd.options.axes import Axis, Span, Value, axes
from neuromgd.options.config import Config
from neuromgd.options.exploration import Exploration
from neuromgd.options.grid import at, values_at
from neuromgd.options.told import misfit
from neuromgd.plan.plan import Plan
from neuromgd.study.ensemble import prepared
from neuromgd.study.proposals import Place
from neuromgd.study.swept import priced


class Looked(NamedTuple):
    """How a design did in one round.

    Attributes:
        round: Its number, from 1.
        windows: That its chips were trained for.
        score: Mean of the metric over all chips; one that diverged counts as chance; None: all did.
        point: The row of its sweep.
    """

    round: int
    windows: int
    score: float | None
    point: dict[str, Any]

    @classmethod
    def of(
        cls, number: int, windows: int, point: dict[str, Any], chips: int, summary: dict[str, Any]
    ) -> "Looked":
        """Returns it from a row of a sweep, which has the mean of the chips that are sound."""
        mean, lost = point[summary["metric"]], point["diverged"] / chips
        score = None if mean is None else (1 - lost) * mean + lost * summary["chance"]
        return cls(number, windows, score, point)


@dataclasses.dataclass
class Candidate:
    """One design.

    Attributes:
        number: From 0, in the order of proposals.
        place: Along the axes.
        values: Of the options that are varied.
        reason: Why it cannot be run; None: it can.
        config: Of a whole run; as the base has it, if it cannot be run.
        windows: Length of a whole run.
        seconds: Time of a whole run on its platform [s]; None: nobody knows.
        joules: Energy of that [J].
        endurance: Writes that its cells bear; None: nobody knows.
        tested: Writes that each of them had from a tester.
        looks: How it did, round after round.
    """

    number: int
    place: Place
    values: dict[str, Value]
    reason: str | None
    config: Config
    windows: int = 1
    seconds: float | None = None
    joules: float | None = None
    endurance: float | None = None
    tested: float = 0.0
    looks: list[Looked] = dataclasses.field(default_factory=list)

    @property
    def file(self) -> str:
        """Name of the file that holds its configuration."""
        return f"design-{self.number:04d}.toml"

    @property
    def wear(self) -> float | None:
        """Share of its endurance that a whole run uses up, as the last look has it."""
        written = self.looks[-1].point["writes_per_cell"] if self.looks else None
        if written is None or self.endurance is None:
            return None
        return (written * self.windows / self.looks[-1].windows + self.tested) / self.endurance


class Candidates:
    """All that were looked at."""

    def __init__(self, config: Config, wanted: Exploration):
        self.config, self.wanted = config, wanted
        self.along = axes(wanted.over)
        self.lengths = [len(axis) for axis in self.along]
        self.ordered = [_has_order(axis) for axis in self.along]
        self.every: list[Candidate] = []
        self._data: dict[tuple, Dataset] = {}
        self._metrics: dict[str, Metric] = {}

    @property
    def runnable(self) -> list[Candidate]:
        """Those that can be run."""
        return [one for one in self.every if one.reason is None]

    @property
    def metric(self) -> Metric:
        """What all are measured by."""
        return next(iter(self._metrics.values()))

    def add(self, place: Place) -> Candidate:
        """Returns the design at a place, checked and priced.

        Raises:
            InputError: If it is measured by another metric than those before it.
        """
        shares = [(number + 0.5) / length if length else number
                  for number, length in zip(place, self.lengths, strict=True)]  # fmt: skip
        values = values_at(self.along, shares)
        one = Candidate(len(self.every), place, values, None, self.config)
        self.every.append(one)
        try:
            one.config = at(self.config, values)
            if not self.wanted.is_mixed and (reason := misfit(one.config)):
                raise InputError(reason)
            (plan,) = prepared([one.config], data=self._data)
        except InputError as error:
            one.reason = str(error)
            return one
        self._metrics[plan.metric.name] = plan.metric
        if len(self._metrics) > 1:
            raise InputError(f"option over: its designs are measured by"
                             f" {' and by '.join(self._metrics)}; a front has one")  # fmt: skip
        _price(one, plan)
        return one


def _has_order(axis: Axis) -> bool:
    """Tells whether the values of an axis are numbers that rise or fall."""
    values = axis.values[0]
    numbers = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    if isinstance(values, Span) or len(numbers) < len(values):
        return False
    return numbers in (sorted(numbers), sorted(numbers, reverse=True))


def _price(one: Candidate, plan: Plan) -> None:
    """Tells what is known before a run."""
    device, pulses = plan.params.device, tester_pulses(plan.params.device)
    one.windows = plan.windows
    one.seconds, one.joules = priced(plan)
    one.endurance = None if device.endurance_cycles is None else float(device.endurance_cycles)
    one.tested = 0.0 if pulses is None else float(np.mean(pulses))
