"""One figure of a diagnosis."""

from typing import NamedTuple


class Check(NamedTuple):
    """One figure, what is too much of it, and what that means.

    Attributes:
        value: The figure [1].
        limit: Above it a chip is in trouble.
        meaning: A sentence with the figure in it.
        is_first: Whether it explains everything else, so that it is told first.
    """

    value: float
    limit: float
    meaning: str
    is_first: bool = False
