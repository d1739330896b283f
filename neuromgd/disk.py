"""Files on a disk that may fail: written whole or not at all, and read only if they are files."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from neuromgd.errors import InputError


def write(path: Path, content: bytes) -> None:
    """Writes a file so that a reader sees the old content or the new one, and no third.

    A link that stands there is replaced, not followed; the file beside it that is written first is
    made anew under a name that nobody knows.

    Raises:
        OSError: If it cannot be written; what was there before stays.
    """
    with whole(path) as file:
        file.write(content)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Yields a file to write what ``write`` would: it has the name when all of it is written."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with _made(beside) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    settle(path.parent)


def append(path: Path, content: bytes) -> None:
    """Writes at the end of a file, which is made if it is missing; a link is refused.

    Raises:
        OSError: If it cannot be written, or not all of it.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o666), "ab", buffering=0) as file:
        if file.write(content) != len(content):
            raise OSError("only a part could be written")


def sync(path: Path) -> None:
    """Makes what was written at the end of a file durable; a missing file is none."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(number)
    finally:
        os.close(number)


def settle(folder: Path) -> None:
    """Makes names in a folder as durable as the files are."""
    # Some file systems cannot sync a folder, and lose nothing by it.
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def read(path: Path, most: int) -> bytes:
    """Reads a regular file: no device, pipe or folder, whose reading might never end.

    Args:
        path: Of the file; a link to a regular file is one.
        most: Bytes that it may have.

    Raises:
        InputError: If it is no regular file, is larger, or cannot be read.
    """
    try:
        # Without this flag, to open a pipe waits for its writer.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise InputError(f"{path}: cannot be read: no regular file")
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        told = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise InputError(f"{path}: cannot be read: {told}") from error
    if len(content) > most:
        raise InputError(f"{path}: larger than the {most:,} bytes that are read")
    return content


def _made(path: Path):
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o666), "wb")
