"""One claim: a command, what it gives, and the sentences that say so."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Claim(NamedTuple):
    """Figures of one command in one page.

    Attributes:
        name: What marks its block in the page: ``<!-- command: NAME -->``.
        page: Path of the page.
        command: What a user types to have the figures.
        measure: Runs it and returns its figures by name, in the units of the page.
        sentences: Of the page, with places for the figures.
        tolerance: How far a figure may be off, by name; the name of another figure stands for
            what that says, such as a standard deviation; without one it is what is written.
        minutes: How long the command takes on two free cores; 0: seconds, in every test run.
    """

    name: str
    page: str
    command: str
    measure: Callable[[], Mapping[str, Any]]
    sentences: tuple[str, ...]
    tolerance: Mapping[str, float | str] = {}
    minutes: float = 0

    @property
    def is_long(self) -> bool:
        """Whether it is left out unless it is asked for."""
        return self.minutes > 0
