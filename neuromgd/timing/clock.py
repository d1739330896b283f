"""The clock of a platform: every time of its sheet as an integer number of ticks."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from neuromgd import units
from neuromgd.errors import InputError
from neuromgd.sheets.platform import Platform


class Clock:
    """Times of a platform [tick]. A key that is absent is a part that the platform lacks."""

    def __init__(self, platform: Platform, which: str = "value"):
        self.tick = units.parse(platform.tick, "time").value
        self.ticks = {name: to_ticks(platform, name, which) for name in platform.times}

    def __getitem__(self, name: str) -> int:
        ticks = self.ticks[name]
        if ticks is None:
            raise InputError(
                f"times.{name} is unknown, so the run cannot be timed; give it a value in a "
                f"sheet of your own, or to neuromgd time with --set times.{name}='1 us'"
            )
        return ticks

    def get(self, name: str) -> int | None:
        """Returns a time, or None if the platform lacks that part."""
        return self[name] if name in self.ticks else None

    def __contains__(self, name: str) -> bool:
        return name in self.ticks

    def __iter__(self) -> Iterator[str]:
        return iter(self.ticks)

    def changed(self, by: Mapping[str, int]) -> "Clock":
        """Returns the clock with some times longer by so many ticks, or shorter."""
        other = Clock.__new__(Clock)
        other.tick = self.tick
        other.ticks = {**self.ticks, **{name: self[name] + ticks for name, ticks in by.items()}}
        return other


def to_ticks(platform: Platform, name: str, which: str = "value") -> int | None:
    """Converts one time, to the nearest tick and from halfway to the even one; None if unknown."""
    seconds = platform.times[name].exact(which)
    tick = units.parse(platform.tick, "time").value
    return None if seconds is None else round(seconds / tick)


def rounded(platform: Platform) -> dict[str, Fraction]:
    """Returns what rounding to ticks adds to each time that is no whole number of them [s]."""
    tick = units.parse(platform.tick, "time").value
    errors = {}
    for name, entry in platform.times.items():
        seconds = entry.exact()
        if seconds is not None and (seconds / tick).denominator != 1:
            errors[name] = round(seconds / tick) * tick - seconds
    return errors
