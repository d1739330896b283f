"""Whose folder it is: a run takes a new or empty one, or one that a run before it left."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from neuromgd.errors import InputError
from neuromgd.fleet.processes import agreed, is_leader, meet
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE

# Tells a folder of ours from a user's, who may well have a ``config.toml`` or ``checkpoints`` too.
MARK = ".neuromgd"

CHECKPOINTS = "checkpoints"
SUMMARY = "summary.json"

# All that runs write, but for the mark and the checkpoints.
FILES = (
    SUMMARY, "history.parquet", "sweep.parquet", "gradient.parquet", FILE, "config.toml",
    "figures/history.png", "figures/hardware.png", "figures/sweep.png", "figures/gradient.png",
)  # fmt: skip


@contextlib.contextmanager
def reserved(
    config: Config, is_resumed: bool = False, may_overwrite: bool = False
) -> Iterator[Config]:
    """Makes sure, before any work, that a run may write where it is to; yields where that is.

    A run that is given no folder has one of its own, named by task and time. A new folder goes
    again if nothing was written.

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
    try:
        yield msgspec.structs.replace(config, out=name)
    finally:
        if is_new and is_leader():
            with contextlib.suppress(OSError):
                Path(name).rmdir()


def clear(folder: Path) -> None:
    """Takes away what an earlier run wrote into a folder, and nothing else."""
    if is_leader():
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
        for path in (folder / CHECKPOINTS).glob("*"):
            if path.name.partition(".")[0].isdigit() and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
        for name in (CHECKPOINTS, "figures"):
            with contextlib.suppress(OSError):
                (folder / name).rmdir()
    meet("the earlier run is gone")


def refusal(folder: Path, may_overwrite: bool) -> str | None:
    """Returns why a new run must not write into a folder that is there; None: it may."""
    if not any(folder.iterdir()):
        return None
    if not (folder / MARK).exists():
        return "is not empty and no run of neuromgd is in it; name a new folder"
    if (folder / SUMMARY).exists() and not may_overwrite:
        return "holds a finished run; name a new folder, or give --overwrite"
    return None


def _taken(name: str, may_overwrite: bool) -> bool:
    """Makes the folder where it is missing, and returns whether it was."""
    folder, is_new, why = Path(name), False, None
    if is_leader():
        try:
            is_new = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
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
