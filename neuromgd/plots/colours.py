"""Colours and marks of all figures, and how a value is written in them."""

from typing import Any

# Okabe and Ito's colours, told apart also by the colour-blind, and marks beside them. The greys
# that follow are seen on light and on dark ground.
CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
COLOURS = (*CYCLE, "#444444", "#999999")
MARKS = "os^Dv<>P"


def is_number(value: Any) -> bool:
    """Tells whether a value is a number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """Returns a swept value as figures write it."""
    if value is None:
        return "none"
    return f"{value:g}" if is_number(value) else str(value)
