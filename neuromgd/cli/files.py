"""Files that a command writes where the user says: looked at before any work begins."""

import os
from collections.abc import Callable
from pathlib import Path

from neuromgd.errors import InputError
from neuromgd.shown import short

FIGURES = (".png", ".svg", ".pdf")


def writable(option: str, name: str, endings: tuple[str, ...] = ()) -> Path:
    """Returns the path of a file to be written.

    Args:
        option: Who asks for it, for messages.
        name: What the user gave.
        endings: Allowed endings; any if there are none.

    Raises:
        InputError: If no file can be written there.
    """
    path = Path(name)
    if endings and path.suffix.lower() not in endings:
        raise InputError(f"{option}: read {short(name)}, allowed endings are {', '.join(endings)}")
    try:
        if path.is_dir():
            raise InputError(f"{option}: {short(name)} is a folder, allowed is a file")
        if not path.parent.is_dir():
            raise InputError(f"{option}: there is no folder {short(str(path.parent))}")
        beside = path if path.exists() else path.parent
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{option}: {short(name)} cannot be written: {reason(error)}") from error
    if not os.access(beside, os.W_OK):
        raise InputError(f"{option}: {short(name)} cannot be written: no permission")
    return path


def written(option: str, path: Path, write: Callable[[Path], None]) -> None:
    """Writes a file; what the system refuses is told in one line.

    Raises:
        InputError: Naming the option and the reason.
    """
    try:
        write(path)
    except (OSError, ValueError) as error:
        where = short(str(path))
        raise InputError(f"{option}: {where} cannot be written: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Returns why, without the name of the file."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
