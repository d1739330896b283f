"""A table of texts, and how numbers are written in it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from neuromgd.timing.rendering import quantity


class Grid(NamedTuple):
    """A table.

    Attributes:
        caption: What it tells.
        heads: Of its columns.
        rows: Texts.
        is_number: Whether each column holds numbers.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_number: Sequence[bool]


def amount(value: float | None, unit: str) -> str:
    """Returns a quantity with its unit; nothing where it is not known."""
    return "" if value is None else quantity(value, unit)


def told_as(number: int | float | None, form: str) -> str:
    """Returns a number as a form has it; nothing where it is not known."""
    return "" if number is None else format(number, form)


def value_of(value: Any, absent: str = "none") -> str:
    """Returns the value of an option."""
    if value is None:
        return absent
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
