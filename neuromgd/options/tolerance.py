"""How bad a number may be: paths from harmless to harmful, along which a search goes."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from neuromgd.errors import InputError
from neuromgd.options.axes import Span, Value, axes, label, rounded
from neuromgd.options.catalogue import Option, catalogue
from neuromgd.options.cell import chosen_cell, sheets_of
from neuromgd.options.config import Config
from neuromgd.options.read import settled
from neuromgd.sheets.cell import Cell
from neuromgd.shown import short

# What stands for all numbers of the memory cell of a run that make it worse.
SHEET = "sheet"
_HARMS = ("_noise", "_spread", "_asymmetry", "noise_additive", "noise_absolute", "update_step",
          "_fraction", "_disturb", "noise_relative", "drift_exponent")  # fmt: skip
# Where a path goes that is given by its name alone: noises from nothing to ten times the weights,
# bits from many to one, lengths of time from one timestep on.
FLOATS, BITS, WHOLE = (1e-4, 10.0), (10.0, 1.0), (1.0, 1000.0)
# Along a pair: shares of both thresholds.
TOGETHER = Span(0.1, 2.0, True)


class Tolerance(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What is asked.

    Attributes:
        numbers: Names, or ``NAME=log:HARMLESS:HARMFUL`` (or ``lin:``), or ``sheet``.
        target: Of the metric, that a chip is to reach.
        share: Of chips that are to reach it [1].
        rounds: Of the search.
        places: Values that are tried side by side in a round.
        is_paired: Whether all pairs are searched as well.
    """

    numbers: list[str]
    target: float
    share: float = 0.5
    rounds: int = 3
    places: int = 6
    is_paired: bool = False

    def told(self, metric: Any) -> str:
        """Returns what is tolerable, in words, by a ``Metric``."""
        return (
            f"tolerable: at least {100 * self.share:g} % of chips reach"
            f" {metric.tell(self.target)} in {metric.title}"
        )


class Path(NamedTuple):
    """A way from harmless (0) to harmful (1).

    Attributes:
        name: Of what is searched.
        spans: Name of each option on it, and the values at both ends.
    """

    name: str
    spans: tuple[tuple[str, Span], ...]

    def at(self, place: float) -> dict[str, Value]:
        """Returns the values of its options at a place."""
        return {name: _allowed(span.at(place), catalogue()[name]) for name, span in self.spans}

    def snapped(self, places: Sequence[float]) -> list[float]:
        """Returns places, those of whole numbers instead where there are no others."""
        name, span = self.spans[0]
        if len(self.spans) > 1 or float in catalogue()[name].kinds:
            return list(places)
        return sorted({span.share(float(round(span.at(place)))) for place in places})

    def tolerable(self, place: float) -> float | None:
        """Returns the last value before a place; None: the place is not on the path."""
        name, span = self.spans[0]
        if not 0 <= place <= 1:
            return None
        value = span.at(place)
        if float in catalogue()[name].kinds:
            return float(rounded(value, catalogue()[name]))
        # The whole number on the harmless side.
        inward = math.floor(value + 1e-9) if span.high > span.low else math.ceil(value - 1e-9)
        return float(inward)


def refuse(wanted: Tolerance) -> None:
    """Raises InputError if a search cannot be what is asked."""
    if not 0 < wanted.share < 1:
        raise InputError(f"option yield = {wanted.share:g}: a share of the chips between 0 and 1")
    if wanted.rounds < 1 or wanted.places < 2:
        raise InputError("option rounds, places: at least one round of two places")


def paths(config: Config, wanted: Tolerance) -> list[Path]:
    """Returns the path of every number that is asked about.

    Raises:
        InputError: If there is no such number, or it has no direction.
    """
    numbers = [own for one in wanted.numbers for own in
               (of_sheet(config) if one == SHEET else [one])]  # fmt: skip
    if not numbers:
        raise InputError("tolerate: name at least one number, such as bus.cost_noise, or: sheet")
    found = [_path(one) for one in dict.fromkeys(numbers)]
    names = [path.name for path in found]
    if len(set(names)) < len(names):
        raise InputError("tolerate: a number is named twice")
    return found


def of_sheet(config: Config) -> list[str]:
    """Returns the numbers of the memory cell that make it worse the larger they are.

    Raises:
        InputError: If it has none.
    """
    cell = _cell(config)
    found = [f"device.{name}" for name, value in cell.numbers.items()
             if name.endswith(_HARMS) and isinstance(value, float | int) and value > 0
             and f"device.{name}" in catalogue()]  # fmt: skip
    if not found:
        raise InputError(f"tolerate {SHEET}: the memory cell has no number that makes it worse")
    return found


def today(config: Config, path: Path) -> float | None:
    """Returns what a number is in the configuration; None: it is absent, or path is a pair's."""
    if len(path.spans) > 1:
        return None
    section, _, key = path.name.rpartition(".")
    if section == "device":
        value: Any = _cell(config).numbers.get(key)
    else:
        part = getattr(settled(config), section) if section else settled(config)
        value = getattr(part, key)
    return float(value) if isinstance(value, float | int) else None


def _cell(config: Config) -> Cell:
    device = settled(config).device
    if len(sheets_of(device)) > 1:
        raise InputError(
            f"tolerate: the cells of device.sheet = {device.sheet!r} have no one number of their"
            " own; give one sheet"
        )
    return chosen_cell(device)[0]


def ends_of(config: Config, wanted: Tolerance, numbers: Sequence[str]) -> dict[str, Span]:
    """Returns the ends of the path of every number on a card, and of every pair."""
    known = {path.name: path.spans[0][1] for path in paths(config, wanted)}
    return {name: known.get(name, TOGETHER) for name in numbers}


def called(number: str) -> str:
    """Returns what a number, or a pair of two, is called, with its unit."""
    return label(number) if number in catalogue() else f"{number} [share of both thresholds]"


def pair(one: Path, at_one: float, other: Path, at_other: float) -> Path:
    """Returns the way of two numbers together, in shares of the threshold of each."""
    spans = []
    for path, at in ((one, at_one), (other, at_other)):
        name, span = path.spans[0]
        worst, low, high = span.at(at), TOGETHER.low, TOGETHER.high
        # Where fewer is worse, a share of the harm is the threshold over the share.
        ends = (worst / low, worst / high) if span.high < span.low else (worst * low, worst * high)
        spans.append((name, Span(*ends, True)))
    return Path(f"{one.name} and {other.name}", tuple(spans))


def _allowed(number: float, option: Option) -> float | int:
    """Returns a number as its option takes it: a pair may lead beyond what is allowed."""
    number = number if option.most is None else min(number, option.most)
    return rounded(number, option) if float in option.kinds else max(1, round(number))


def _path(text: str) -> Path:
    if "=" in text:
        axis = axes([text])[0]
        name, span = axis.names[0], axis.values[0]
        if len(axis.names) > 1 or not isinstance(span, Span) or span.low == span.high:
            raise InputError(f"tolerate {short(text)}: expected NAME=log:HARMLESS:HARMFUL, or lin:")
        most = catalogue()[name].most
        for end in (span.low, span.high):
            if most is not None and end > most:
                raise InputError(f"tolerate {name} = {end:g}: at most {most:g}")
        return Path(name, ((name, span),))
    # The same checks, and complaints, as for an axis.
    name = axes([f"{text}=lin:0:1"])[0].names[0]
    return Path(name, ((name, _usual(catalogue()[name])),))


def _usual(option: Option) -> Span:
    if option.name.endswith("_bits"):
        return Span(*BITS, False)
    ends = FLOATS if float in option.kinds else WHOLE
    if option.most is not None:
        ends = (ends[0], min(ends[1], option.most))
    return Span(*ends, True)


def on_axis(path: Path, places: Sequence[float]) -> str:
    """Returns the axis of a sweep over places of a path."""
    every = [path.at(place) for place in places]
    parts = [f"{name}={','.join(str(one[name]) for one in every)}" for name, _ in path.spans]
    return " with ".join(parts)
