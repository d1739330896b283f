"""One command in several processes: they meet, the first tells, and none outlives another."""

import contextlib
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from neuromgd.errors import (
    DivergedError,
    InputError,
    LostProcessError,
    StoppedError,
    StorageError,
)


class Place(NamedTuple):
    """Where a process stands among those that run a command together; None: as SLURM etc. tell.

    Attributes:
        coordinator: host:port at which the first process listens.
        processes: How many there are.
        process: Number of this one.
    """

    coordinator: str | None
    processes: int | None
    process: int | None


@contextlib.contextmanager
def as_one_of_several(is_distributed: bool, place: Place) -> Iterator[bool]:
    """Runs what is inside as one of several processes, or as the only one.

    Yields:
        Whether this process is the one that prints.

    Raises:
        InputError: If the options do not fit each other, or the processes do not come together.
    """
    if not is_distributed:
        if any(given is not None for given in place):
            raise InputError(
                "options coordinator, processes and process: have no effect without --distributed"
            )
        yield True
        return
    from neuromgd.fleet import processes

    processes.join(*place)
    try:
        yield processes.is_leader()
    except (InputError, DivergedError, LostProcessError, StorageError) as error:
        print(f"neuromgd: process {processes.number()}: {error}", file=sys.stderr)
        processes.leave(2 if isinstance(error, InputError) else 1)
    except SystemExit as stop:
        processes.leave(stop.code if isinstance(stop.code, int) else 1)
    except BaseException:
        traceback.print_exc()
        processes.leave(1)


@contextlib.contextmanager
def offering_to_resume(command: str, out: Path) -> Iterator[None]:
    """Tells, when a run is interrupted, how to go on with it.

    Args:
        command: That is given ``--resume``.
        out: Its run folder.
    """
    try:
        yield
    except (KeyboardInterrupt, LostProcessError, StorageError) as error:
        # Groups of a sweep, and parts of a search, have theirs in folders of their own.
        is_kept = any(path.name.isdigit() for path in out.rglob("checkpoints/*"))
        again = f"; 'neuromgd {command} --resume {out}' goes on with it" if is_kept else ""
        if isinstance(error, KeyboardInterrupt):
            number = error.number if isinstance(error, StoppedError) else signal.SIGINT
            print(f"neuromgd: interrupted{again}", file=sys.stderr)
            sys.exit(128 + number)
        raise type(error)(f"{error}{again}") from error
