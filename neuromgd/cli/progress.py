"""How far a command is: a bar on a terminal and in a notebook, now and then a line elsewhere."""

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from neuromgd.verdict.row import Row

# Where there is no terminal, lines come no more often than that [s], but for the first, which
# tells how long it will take; a command that is over sooner prints none.
INTERVAL, SHORT = 20.0, 5.0
# Nor more seldom than that, however long a row takes [s].
LONGEST = 30.0


class Progress:
    """Shows how far a command is, on stderr; a context, which ends what it shows.

    Args:
        console: Where to show it; a quiet one shows nothing; None: stderr, or a notebook.
        waiting: What is being done before there is anything to show.

    Example:
        >>> from neuromgd.options.config import Config
        >>> from neuromgd.study.train import train
        >>> from tempfile import mkdtemp
        >>> with Progress(Console(quiet=True)) as shown:
        ...     run = train(Config(task="parity", windows=8, out=mkdtemp()), watch=shown.row)
    """

    def __init__(self, console: Console | None = None, waiting: str = "loading and compiling"):
        console = console or Console(stderr=True)
        self._console, self._is_live = console, console.is_terminal or console.is_jupyter
        self._status = console.status(waiting)
        self._bar = Bar(BarColumn(), TextColumn("{task.description}"), console=console)
        self._task = self._bar.add_task(waiting, total=1.0)
        self._began: tuple[float, float] | None = None
        self._told_at: float | None = None
        self._last, self._since = (0.0, waiting), time.monotonic()
        self._lock, self._over = threading.Lock(), threading.Event()

    def __enter__(self) -> "Progress":
        if self._is_live:
            self._status.start()
        else:
            self._since = time.monotonic()
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._status.stop()
        if self._bar.live.is_started:
            self._bar.stop()

    def row(self, row: "Row", windows: int) -> None:
        """Shows how far a run is: a ``watch`` for ``train``.

        Args:
            row: The newest of its history.
            windows: Its length.
        """
        told = f"step {row.step:,}, cost {row.cost:.4f}, score {row.score:.4g}"
        self.show(row.window / windows, told)

    def show(self, share: float, text: str) -> None:
        """Shows how far it is.

        Args:
            share: Of the whole work, what is done [1].
            text: What was seen last.
        """
        now = time.monotonic()
        with self._lock:
            if self._began is None:
                self._began = now, share
            self._last = share, text
            left = self._left(now, share)
            told = text if left is None else f"{text}, {duration(left)} left"
            if self._is_live:
                self._status.stop()
                self._bar.start()
                self._bar.update(self._task, completed=share, description=told)
            elif self._is_due(now, left):
                self._print(now, told)

    def say(self, text: str) -> None:
        """Prints a line that stays."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def remind(self) -> None:
        """Prints what was seen last, if the last line is long ago."""
        now = time.monotonic()
        with self._lock:
            if now - (self._told_at or self._since) < LONGEST - 1:
                return
            share, text = self._last
            left = self._left(now, share)
            told = "" if left is None else f", {duration(left)} left"
            self._print(now, f"{text}{told} ({duration(now - self._since)} so far)")

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            self.remind()

    def _print(self, now: float, told: str) -> None:
        self._told_at = now
        self.say(told)

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
