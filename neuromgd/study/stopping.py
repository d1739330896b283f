"""Signals: the first lets a run end after what it computes now, the second ends it at once."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

# What a terminal, a service manager and a queue (SLURM's --signal=USR1) send before they kill.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)

# What a process does with a signal of which nobody has said anything else.
_USUAL = (signal.SIG_DFL, signal.default_int_handler)


class Asked:
    """Whether somebody wants the run to end.

    Attributes:
        signal: Number of the signal; 0: nobody.
    """

    signal: int = 0


@contextlib.contextmanager
def stopping() -> Iterator[Asked]:
    """Listens for signals while a run computes; those that a program handles itself are its own."""
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {one: signal.getsignal(one) for one in SIGNALS}
    ours = [one for one, handler in before.items() if handler in _USUAL or _is_ours(handler)]
    end, start = os.pipe()
    os.set_blocking(start, False)
    # A handler in Python waits until compiled code returns; a thread that reads does not.
    other = signal.set_wakeup_fd(start, warn_on_full_buffer=False)
    thread = threading.Thread(target=_listen, args=(end, asked, set(ours)), daemon=True)
    thread.start()
    for one in ours:
        signal.signal(one, _noted)
    try:
        yield asked
    finally:
        for one in ours:
            signal.signal(one, before[one])
        signal.set_wakeup_fd(other)
        os.write(start, b"\0")
        thread.join()
        os.close(start)
        os.close(end)


def _listen(end: int, asked: Asked, ours: set[int]) -> None:
    while True:
        for number in os.read(end, 1):
            if number == 0:
                return
            if number not in ours:
                continue
            if asked.signal:
                _leave(number)
            asked.signal = number
            name = signal.Signals(number).name
            _say(f"\nneuromgd: {name}: ends after what is computed now; once more ends at once\n")


def _leave(number: int) -> None:
    # The cursor that a progress bar hides.
    _say("\x1b[?25h\n" if sys.stderr.isatty() else "\n")
    os._exit(128 + number)


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        os.write(2, text.encode())


def _noted(number: int, frame: Any) -> None:
    """Does nothing: the thread that listens has heard it."""


def _is_ours(handler: Any) -> bool:
    return getattr(handler, "ends_runs_well", False)
