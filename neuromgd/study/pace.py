"""How many windows are computed before the host looks again: some seconds' worth."""

import time

from neuromgd.fleet.processes import agreed

# Seconds that a piece is to take: a signal is heard, and a checkpoint written, within about twice
# as many.
SECONDS = 4.0

# Windows of the first piece, whose speed nobody knows, and how many times as long as the one before
# a piece may be.
FIRST = 1
GROWTH = 8


class Pace:
    """Finds the length of pieces by how long those before took."""

    def __init__(self) -> None:
        self._windows = FIRST
        self._begun = 0.0
        self._is_compiled = False

    def piece(self, left: int) -> int:
        """Returns how many of the windows that are left are to be computed now."""
        self._begun = time.monotonic()
        return agreed(min(left, self._windows, 2**31))

    def took(self, windows: int) -> None:
        """Notes that so many windows are computed since ``piece``."""
        seconds = max(time.monotonic() - self._begun, 1e-6)
        if not self._is_compiled and seconds > SECONDS:
            # It was the compiler that took so long.
            self._is_compiled = True
            return
        self._is_compiled = True
        fit = int(windows * SECONDS / seconds)
        # A last piece may be short for want of windows, and says nothing against longer ones.
        self._windows = max(1, min(fit, GROWTH * max(windows, self._windows)))
