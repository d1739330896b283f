"""Turns of a part: which of them this process takes, with the chance of each."""

import random
import time
from collections.abc import Iterator
from typing import NamedTuple


class Share(NamedTuple):
    """The turns of one process; whatever their number, a turn draws the same.

    Attributes:
        first: Of its turns.
        of: How many processes share them.
        seed: Of all chance.
        until: Moment of the monotonic clock after which no turn begins.
    """

    first: int = 0
    of: int = 1
    seed: int = 0
    until: float = float("inf")

    def turns(self, part: str, number: int) -> Iterator[tuple[int, random.Random]]:
        """Yields the place of every turn, of so many, and its chance."""
        for place in range(self.first, number, self.of):
            if time.monotonic() > self.until:
                return
            yield place, random.Random(f"{self.seed} {part} {place}")
