"""One run at a time in a folder: a lock that its holder's end releases, however it ends."""

import contextlib
import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from neuromgd.errors import InputError, StorageError

# Tells a folder of ours from a user's, and is what is locked.
MARK = ".neuromgd"

# What the mark says: the format of the folder. 1 was an empty file.
FORMAT = 2
_TEXT = b"neuromgd run folder, format %d\n"

# File systems that know no locks.
_WITHOUT = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

# Folder -> (open mark, how often this process holds it).
_held: dict[str, tuple[int, int]] = {}


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds a folder that has a mark for this process; several times over is once.

    The system releases the lock when its holder ends, so none is ever stale.

    Raises:
        InputError: If another process holds it.
    """
    name = os.path.realpath(folder)
    mark, times = _held.get(name, (-1, 0))
    if not times:
        mark = _taken(folder)
    _held[name] = (mark, times + 1)
    try:
        yield
    finally:
        mark, times = _held.pop(name)
        if times > 1:
            _held[name] = (mark, times - 1)
        else:
            os.close(mark)


def make_mark(folder: Path) -> None:
    """Marks a folder as one that runs write to."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        number = os.open(folder / MARK, flags, 0o666)
    except FileExistsError:
        return
    with os.fdopen(number, "wb") as file:
        file.write(_TEXT % FORMAT)


def is_marked(folder: Path) -> bool:
    """Tells whether a folder is one that runs write to; a link is no mark."""
    try:
        return stat.S_ISREG((folder / MARK).lstat().st_mode)
    except OSError:
        return False


def refuse_other_format(folder: Path) -> None:
    """Raises InputError if a folder was written by a version that this one cannot go on from."""
    if not is_marked(folder):
        raise InputError(f"{folder}: no run of neuromgd is in it ({MARK} is missing)")
    with (folder / MARK).open("rb") as file:
        text = file.read(100)
    if text.strip() != (_TEXT % FORMAT).strip():
        older = (
            "of format 1, which the version that wrote it goes on with"
            if not text
            else "of an unknown format"
        )
        raise InputError(
            f"{folder}: a run folder {older}; this version goes on with format {FORMAT}: go on with"
            f" the version that wrote it, or begin anew with --config {folder / 'config.toml'}"
        )


def refuse_moved(folder: Path) -> None:
    """Raises StorageError if a folder that is held is no longer where it was."""
    mark, times = _held.get(os.path.realpath(folder), (-1, 0))
    if not times:
        return
    try:
        there, ours = (folder / MARK).lstat(), os.fstat(mark)
        is_same = (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
    except OSError:
        is_same = False
    if not is_same:
        raise StorageError(f"{folder}: is no longer the folder of this run: moved or removed")


def _taken(folder: Path) -> int:
    mark = os.open(folder / MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _WITHOUT:
            os.close(mark)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise InputError(
                f"{folder}: another process on {socket.gethostname()} or beside it runs in this"
                " folder; wait for its end, or name another"
            ) from None
    return mark
