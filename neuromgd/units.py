"""Physical units: a number and a unit come in as text once, SI floats or exact fractions go out."""

import re
from fractions import Fraction
from typing import NamedTuple

from neuromgd.errors import InputError

_PREFIXES = {
    "a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3,
    "": 0, "k": 3, "M": 6, "G": 9, "T": 12,
}  # fmt: skip

# Base unit -> the dimension that it measures; SI prefixes apply to all of them.
_DIMENSIONS = {
    "s": "time", "Hz": "frequency", "J": "energy", "W": "power", "V": "voltage", "A": "current",
    "S": "conductance", "ohm": "resistance", "Ω": "resistance", "F": "capacitance", "m": "length",
    "B": "bytes", "B/s": "rate", "b/s": "bit rate",
}  # fmt: skip

# Units that take no prefix, with their size in the SI unit of their dimension.
_PLAIN = {
    "": ("number", Fraction(1)), "1": ("number", Fraction(1)), "%": ("number", Fraction(1, 100)),
    "bit": ("bits", Fraction(1)), "bits": ("bits", Fraction(1)), "K": ("temperature", Fraction(1)),
    "min": ("time", Fraction(60)), "h": ("time", Fraction(3600)), "d": ("time", Fraction(86400)),
    "y": ("time", Fraction(31557600)), "eV": ("energy", Fraction(1602176634, 10**28)),
    "w.u.": ("weight", Fraction(1)), "cycles": ("cycles", Fraction(1)),
    "pulses": ("pulses", Fraction(1)), "levels": ("levels", Fraction(1)),
    "1/K": ("inverse temperature", Fraction(1)),
    "mm2": ("area", Fraction(1, 10**6)), "um2": ("area", Fraction(1, 10**12)),
}  # fmt: skip

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)\s*(\S*)\s*")


class Quantity(NamedTuple):
    """An exact physical quantity in the SI unit of its dimension."""

    value: Fraction
    dimension: str


def unit(text: str) -> Quantity:
    """Returns what one of the named unit is in SI.

    Args:
        text: A unit such as ``ns``, ``uS``, ``kohm``, ``%`` or the empty string.

    Raises:
        InputError: If the unit is unknown.

    Example:
        >>> unit("uS")
        Quantity(value=Fraction(1, 1000000), dimension='conductance')
    """
    if text in _PLAIN:
        dimension, size = _PLAIN[text]
        return Quantity(size, dimension)
    for base, dimension in _DIMENSIONS.items():
        prefix = text.removesuffix(base)
        if text.endswith(base) and prefix in _PREFIXES:
            return Quantity(Fraction(10) ** _PREFIXES[prefix], dimension)
    known = ", ".join([*_DIMENSIONS, *(name for name in _PLAIN if name)])
    raise InputError(f"unknown unit {text!r}; known, with SI prefixes: {known}")


def parse(text: str, dimension: str | None = None) -> Quantity:
    """Reads a number with its unit, exactly.

    Args:
        text: Such as ``"45 uS"`` or ``"0.781 ns"``; a bare number is dimensionless.
        dimension: The dimension that is wanted, or None for any.

    Raises:
        InputError: If the text is no number with a unit, or of another dimension.

    Example:
        >>> parse("0.5 us", "time").value
        Fraction(1, 2000000)
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise InputError(f"cannot read {text!r}: expected a number and a unit, such as '45 uS'")
    one = unit(match[2])
    if dimension is not None and one.dimension != dimension:
        raise InputError(f"{text!r} is a {one.dimension}, expected a {dimension}")
    return Quantity(Fraction(match[1]) * one.value, one.dimension)
