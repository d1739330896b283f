"""What a stretch of a run does, and how stretches add up."""

from typing import Any, NamedTuple

from neuromgd.errors import InputError
from neuromgd.timing.program import Due

# What decides how a run goes on, relative to its own moment.
State = Any


class Totals(NamedTuple):
    """What a run adds up to, beside its time.

    Attributes:
        beats: How often each kind of beat ran.
        blocked: Time that each resource held a result nobody took, by resource [tick].
        queued: Time that ready work waited for each resource [tick].
    """

    beats: dict[Due, int]
    blocked: dict[str, int]
    queued: dict[str, int]


class Leap(NamedTuple):
    """What a stretch of beats does to a relative state: where it leads, how far, adding what."""

    state: State
    ticks: int
    gains: tuple[tuple[int, int], ...]


class Sum:
    """Leaps added one after the other."""

    def __init__(self, state: State):
        self.state, self.ticks = state, 0
        self.gains: dict[int, int] = {}

    def add(self, leap: Leap) -> None:
        """Appends one stretch."""
        self.state, gains = leap.state, self.gains
        self.ticks += leap.ticks
        for key, gain in leap.gains:
            gains[key] = gains.get(key, 0) + gain

    def multiply(self, rounds: int, ticks: int, before: dict[int, int]) -> None:
        """Repeats, so many more times, all that was added since a moment."""
        self.ticks += rounds * (self.ticks - ticks)
        for key, gain in self.gains.items():
            self.gains[key] = gain + rounds * (gain - before.get(key, 0))

    def leap(self) -> Leap:
        """Returns the sum as one stretch."""
        return Leap(self.state, self.ticks, tuple(self.gains.items()))


class NotPeriodicError(InputError):
    """A run that never repeats, so that its time cannot be extrapolated.

    Args:
        resource: Whose backlog was proven to grow without limit; None: no cause is known.
        steps: Timesteps in which nothing repeated.
    """

    def __init__(self, resource: str | None, steps: int):
        cause = resource and f": the backlog of {resource!r} grows without limit"
        super().__init__(
            f"not periodic within {steps} timesteps{cause or ''}, so no run time can be told"
        )
