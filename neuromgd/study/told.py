"""A summary as a file: JSON with a checksum of what it says."""

import hashlib
import json
from pathlib import Path
from typing import Any

from neuromgd import disk
from neuromgd.errors import InputError

# Of ``summary.json``; 1 had no checksum.
FORMAT = 2

# A summary of so many bytes is none [byte].
_LARGEST = 1 << 30


def as_json(summary: dict[str, Any]) -> bytes:
    """Returns the content of a file that says a summary."""
    return (json.dumps(checked(summary), indent=2) + "\n").encode()


def checked(summary: dict[str, Any]) -> dict[str, Any]:
    """Returns a summary with its format and checksum."""
    told = {key: value for key, value in summary.items() if key != "checksum"} | {"format": FORMAT}
    return told | {"checksum": _checksum(told)}


def read_summary(path: Path, may_be_older: bool = False) -> dict[str, Any]:
    """Reads a summary.

    Args:
        path: Of the file.
        may_be_older: Whether one of the first format, without a checksum, is read as well.

    Raises:
        InputError: If there is none, or it is not what a run wrote.
    """
    try:
        told = json.loads(disk.read(path, _LARGEST).decode())
        checksum = told.get("checksum")
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: holds no summary of a run, or a damaged one") from error
    if may_be_older and checksum is None and "format" not in told:
        return told
    if told.get("format") != FORMAT:
        raise InputError(f"{path}: a summary of another format than {FORMAT}, or a damaged one")
    if checksum != checked(told)["checksum"]:
        raise InputError(f"{path}: is not what the run wrote (its checksum differs)")
    return told


def _checksum(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
