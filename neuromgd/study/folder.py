"""Whose folder it is: a run takes a new or empty one, or one that a run before it left."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from neuromgd.errors import InputError, StorageError
from neuromgd.fleet.processes import agreed, is_leader, meet
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE
from neuromgd.options.searches import EXPLORATION, TOLERANCE
from neuromgd.study.lock import (
    MARK,
    is_marked,
    locked,
    make_mark,
    refuse_moved,
    refuse_other_format,
)

CHECKPOINTS = "checkpoints"
# What one process writes of a checkpoint.
PART = "part-{:05d}.chips"
SUMMARY = "summary.json"
PARTIAL = "partial.json"
HISTORY = "history.parquet"
# Of a long history that is not finished: tables of what came later, and lines that are in none.
ROWS, TAIL = "history", "history.tail"

# All that runs write, but for the mark and the checkpoints.
FILES = (
    SUMMARY, PARTIAL, HISTORY, TAIL, "sweep.parquet", "gradient.parquet", FILE, "config.toml",
    "report.html",
    "figures/history.png", "figures/hardware.png", "figures/sweep.png", "figures/gradient.png",
    "figures/tolerate.png", "figures/explore.png", "explore.parquet",
    TOLERANCE.file, EXPLORATION.file,
)  # fmt: skip
EVENTS = "events"
FOLDERS = (CHECKPOINTS, "figures", EVENTS, ROWS)


@contextlib.contextmanager
def reserved(
    config: Config, is_resumed: bool = False, may_overwrite: bool = False
) -> Iterator[Config]:
    """Makes sure, before any work, that a run may write where it is to; yields where that is.

    A run that is given no folder has one of its own, named by task and time. A new folder goes
    again if nothing was written. Until the end no other process may write there.

    Args:
        config: What is to be run.
        is_resumed: Whether the run in the folder goes on.
        may_overwrite: Whether a finished run may be overwritten.

    Raises:
        InputError: If the folder is a user's, or holds a finished run, or cannot be written.
    """
    if not config.out:
        name, is_new = _made_by_time(config.task), True
    else:
        name, is_new = config.out, False
        if not is_resumed:
            is_new = _taken(name, may_overwrite)
    folder = Path(name)
    try:
        with _held(folder, is_resumed):
            try:
                yield msgspec.structs.replace(config, out=name)
            finally:
                # While it is held: the mark that another process found here is its own.
                if is_new and is_leader():
                    _unmark(folder)
    finally:
        if is_new and is_leader():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _unmark(folder: Path) -> None:
    """Takes the mark from a folder in which there is nothing else."""
    with contextlib.suppress(OSError):
        if [path.name for path in folder.iterdir()] == [MARK]:
            (folder / MARK).unlink()


@contextlib.contextmanager
def _held(folder: Path, is_resumed: bool) -> Iterator[None]:
    """Holds a folder for this run, and refuses one whose own folders lead elsewhere."""
    why = None
    with contextlib.ExitStack() as until:
        if is_leader():
            try:
                if is_resumed:
                    refuse_other_format(folder)
                else:
                    make_mark(folder)
                refuse_links(folder)
                until.enter_context(locked(folder))
            except InputError as error:
                why = str(error)
            except OSError as error:
                why = f"option out = {str(folder)!r}: cannot be written: {error.strerror}"
        if agreed(int(why is not None)):
            raise InputError(why or "refused by the first process")
        yield


@contextlib.contextmanager
def telling_of_storage(folder: Path) -> Iterator[None]:
    """Tells in one line of a disk that takes no more.

    Raises:
        StorageError: Naming the folder and the reason.
    """
    try:
        if is_leader():
            refuse_moved(folder)
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"{folder}: cannot be written: {reason}") from error


def refuse_links(folder: Path) -> None:
    """Raises InputError if what runs write into would lead out of a folder."""
    for name in FOLDERS:
        if (folder / name).is_symlink():
            raise InputError(f"{folder / name}: is a link, which no run follows")


def clear(folder: Path) -> None:
    """Takes away what an earlier run wrote into a folder, and nothing else."""
    if is_leader():
        empty(folder)
    meet("the earlier run is gone")


def empty(folder: Path) -> None:
    """Does so in this process alone."""
    refuse_links(folder)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    for path in (folder / EVENTS).glob("events.out.tfevents.*"):
        path.unlink(missing_ok=True)
    for path in (folder / ROWS).glob("*.parquet"):
        if path.stem.isdecimal():
            path.unlink(missing_ok=True)
    for path in (folder / CHECKPOINTS).glob("*"):
        if path.name.removeprefix(".").removesuffix(".part").isdecimal():
            remove_checkpoint(path)
    for name in FOLDERS:
        with contextlib.suppress(OSError):
            (folder / name).rmdir()


def remove_checkpoint(path: Path) -> None:
    """Takes a checkpoint away, if nothing is in it but what a run wrote."""
    with contextlib.suppress(OSError):
        if not path.is_symlink() and all(_is_part(one) for one in path.iterdir()):
            shutil.rmtree(path, ignore_errors=True)


def _is_part(path: Path) -> bool:
    name = path.name.removeprefix(".")
    return name.startswith("part-") and ".chips" in name and not path.is_dir()


def refusal(folder: Path, may_overwrite: bool) -> str | None:
    """Returns why a new run must not write into a folder that is there; None: it may."""
    if not any(folder.iterdir()):
        return None
    if not is_marked(folder):
        return "is not empty and no run of neuromgd is in it; name a new folder"
    if may_overwrite:
        return None
    if (folder / SUMMARY).exists():
        return "holds a finished run; name a new folder, or give --overwrite"
    if (folder / HISTORY).exists() or any((folder / CHECKPOINTS).glob("*")):
        return (
            "holds an unfinished run: --resume goes on with it; or name a new folder, or give"
            " --overwrite"
        )
    return None


def _taken(name: str, may_overwrite: bool) -> bool:
    """Makes the folder where it is missing, and returns whether it was."""
    folder, is_new, why = Path(name), False, None
    if is_leader():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                folder.mkdir()
                is_new = True  # of two processes, one alone has made it
            except FileExistsError:
                why = refusal(folder, may_overwrite)
        except (OSError, ValueError) as error:  # a name may hold a NUL
            why = f"cannot be written: {error}"
    if agreed(int(why is not None)):
        raise InputError(f"option out = {name!r}: {why or 'refused by the first process'}")
    return is_new


def _made_by_time(task: str) -> str:
    now = time.localtime(agreed(int(time.time())))
    name, number = f"runs/{task}-{time.strftime('%Y%m%d-%H%M%S', now)}", 1
    numbered = lambda number: name if number == 1 else f"{name}-{number}"
    why = None
    while is_leader():
        try:
            Path(numbered(number)).mkdir(parents=True)
            break
        except FileExistsError:
            number += 1  # another run began in this second
        except OSError as error:
            why = f"{name} cannot be written: {error}"
            break
    if agreed(int(why is not None)):
        raise InputError(f"option out: {why or 'refused by the first process'}")
    return numbered(agreed(number))
