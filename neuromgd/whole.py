"""Whole numbers as text: one reader for every command."""

import re
from fractions import Fraction

from neuromgd.errors import InputError
from neuromgd.shown import short

# The largest that is read; a longer one is a slip of the finger.
LARGEST = 10**18

_FORM = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?")


def whole(text: str) -> int:
    """Reads a whole number, also one written as 1e9 or 1_000.

    Args:
        text: What was typed.

    Raises:
        InputError: If it is no whole number, or one beyond 1e18.

    Example:
        >>> whole("1.5e3")
        1500
    """
    plain = text.strip().replace("_", "")
    number = Fraction(plain) if _FORM.fullmatch(plain) else Fraction(1, 2)
    if number.denominator != 1 or abs(number) > LARGEST:
        raise InputError(
            f"read {short(text)}, allowed is a whole number up to 1e18, such as 128 or 1e9"
        )
    return int(number)
