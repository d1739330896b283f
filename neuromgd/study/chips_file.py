"""One file of a checkpoint: arrays, and what is told of them, under a checksum.

The first line holds the format and the SHA-256 of all that follows: a line of JSON, then the bytes
of the arrays. Every process writes the parts of the arrays that it holds.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from neuromgd import disk
from neuromgd.errors import InputError

# Of the checkpoints that this version writes and reads; 1 was a folder of another library's.
FORMAT = 2

_MAGIC = b"neuromgd chips %d %s\n"


class Piece(NamedTuple):
    """A block of an array.

    Attributes:
        name: Of the array.
        shape: Of the whole array.
        start: Place of the block in it.
        values: The block.
    """

    name: str
    shape: tuple[int, ...]
    start: tuple[int, ...]
    values: np.ndarray


def write(path: Path, told: dict[str, Any], pieces: list[Piece]) -> None:
    """Writes a file, whole or not at all, and copies no array for it.

    Raises:
        OSError: If it cannot be written.
    """
    with disk.whole(path) as file:
        for part in _parts(told, pieces):
            file.write(part)


def encode(told: dict[str, Any], pieces: list[Piece]) -> bytes:
    """Returns the content of a file."""
    return b"".join(_parts(told, pieces))


def _parts(told: dict[str, Any], pieces: list[Piece]) -> list[bytes | memoryview]:
    arrays = [
        {
            "name": one.name, "shape": one.shape, "start": one.start,
            "block": one.values.shape, "dtype": one.values.dtype.str,
        }
        for one in pieces
    ]  # fmt: skip
    head = json.dumps(told | {"arrays": arrays}).encode() + b"\n"
    flat = (np.ascontiguousarray(one.values).reshape(-1).view(np.uint8) for one in pieces)
    parts = [head, *(one.data for one in flat)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return [_MAGIC % (FORMAT, digest.hexdigest().encode()), *parts]


def decode(path: Path) -> tuple[dict[str, Any], list[Piece]]:
    """Reads a file.

    Raises:
        InputError: If it cannot be read, is of another format, or differs from what was written.
    """
    try:
        largest = path.lstat().st_size
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    content = memoryview(disk.read(path, largest))
    first = bytes(content[:128]).partition(b"\n")[0] + b"\n"
    words = first.split()
    if words[:2] != [b"neuromgd", b"chips"] or len(words) != 4:
        raise InputError(f"{path}: not a checkpoint, or a damaged one")
    if words[2] != b"%d" % FORMAT:
        raise InputError(f"{path}: a checkpoint of another format than {FORMAT}, or a damaged one")
    rest = content[len(first) :]
    if hashlib.sha256(rest).hexdigest().encode() != words[3]:
        raise InputError(f"{path}: its bytes are not those that were written (SHA-256)")
    # From here on the file is what this program wrote.
    head = bytes(rest[: _line(rest)])
    told, place, pieces = json.loads(head), len(head), []
    for one in told.pop("arrays"):
        kind, count = np.dtype(one["dtype"]), math.prod(one["block"])
        values = np.frombuffer(rest, kind, count, place).reshape(one["block"])
        pieces.append(Piece(one["name"], tuple(one["shape"]), tuple(one["start"]), values))
        place += values.nbytes
    return told, pieces


def joined(pieces: list[Piece]) -> dict[str, np.ndarray]:
    """Returns whole arrays by name.

    Raises:
        InputError: If a block is missing.
    """
    whole: dict[str, np.ndarray] = {}
    filled: dict[str, int] = {}
    for one in pieces:
        if one.values.shape == one.shape:
            whole[one.name] = one.values
        else:
            array = whole.setdefault(one.name, np.empty(one.shape, one.values.dtype))
            place = zip(one.start, one.values.shape, strict=True)
            array[tuple(slice(start, start + size) for start, size in place)] = one.values
        filled[one.name] = filled.get(one.name, 0) + one.values.size
    for name, array in whole.items():
        if filled[name] < array.size:
            raise InputError(f"array {name} is not whole")
    return whole


def _line(content: memoryview) -> int:
    """Returns where the first line ends."""
    step = 1 << 16
    for start in range(0, len(content), step):
        found = bytes(content[start : start + step]).find(b"\n")
        if found >= 0:
            return start + found + 1
    return len(content)
