"""How far a command is: a bar on a terminal and in a notebook, now and then a line elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

# Where there is no terminal, lines come no more often than that [s], but for the first, which
# tells how long it will take; a command that is over sooner prints none.
INTERVAL, SHORT = 20.0, 5.0


class Progress:
    """Shows how far a command is, on stderr; a context, which ends what it shows.

    Args:
        console: Where to show it; a quiet one shows nothing.
        waiting: What is being done before there is anything to show.
    """

    def __init__(self, console: Console, waiting: str = "loading and compiling"):
        self._console, self._is_live = console, console.is_terminal or console.is_jupyter
        self._status = console.status(waiting)
        self._bar = Bar(BarColumn(), TextColumn("{task.description}"), console=console)
        self._task = self._bar.add_task(waiting, total=1.0)
        self._began: tuple[float, float] | None = None
        self._told_at: float | None = None

    def __enter__(self) -> "Progress":
        if self._is_live:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()
        if self._bar.live.is_started:
            self._bar.stop()

    def show(self, share: float, text: str) -> None:
        """Shows how far it is.

        Args:
            share: Of the whole work, what is done [1].
            text: What was seen last.
        """
        now = time.monotonic()
        if self._began is None:
            self._began = now, share
        left = self._left(now, share)
        told = text if left is None else f"{text}, {duration(left)} left"
        if self._is_live:
            self._status.stop()
            self._bar.start()
            self._bar.update(self._task, completed=share, description=told)
        elif self._is_due(now, left):
            self._told_at = now
            self._console.print(told, highlight=False, markup=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Prints a line that stays."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _is_due(self, now: float, left: float | None) -> bool:
        if self._told_at is None:
            return left is not None and left > SHORT
        return left is not None and now - self._told_at >= INTERVAL

    def _left(self, now: float, share: float) -> float | None:
        """Returns the time that is left [s], by the pace since the first row; None: not known."""
        start, first = self._began or (now, share)
        if share <= first or share >= 1:
            return None
        return (now - start) / (share - first) * (1 - share)


def duration(seconds: float) -> str:
    """Returns a time that somebody waits, in words.

    Example:
        >>> duration(3700)
        '1 h 2 min'
    """
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
