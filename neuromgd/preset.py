"""Numbers of the default chip, told apart from those that a user gives.

A preset counts as long as nothing is said: an ideal chip is without it, and a device sheet brings
its own. The same number, given by a user, stays.
"""

from typing import Any, overload


class PresetFloat(float):
    """A number that stands where a user gives none."""

    __slots__ = ()


class PresetInt(int):
    """A whole number that stands where a user gives none."""


@overload
def preset(number: int) -> int: ...
@overload
def preset(number: float) -> float: ...
def preset(number: int | float) -> int | float:
    """Marks a number as one that nobody gave."""
    return PresetInt(number) if isinstance(number, int) else PresetFloat(number)


def is_preset(value: Any) -> bool:
    """Tells whether nobody gave a number."""
    return isinstance(value, PresetFloat | PresetInt)


def plain(value: Any) -> Any:
    """Returns a number without the mark."""
    if isinstance(value, PresetInt):
        return int(value)
    return float(value) if isinstance(value, PresetFloat) else value
