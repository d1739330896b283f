"""IDX files, plain or gzipped: the format in which MNIST and its kin are published."""

import gzip
import hashlib
import io
import math
import zlib
from pathlib import Path

import numpy as np

from neuromgd import disk
from neuromgd.errors import InputError

# Three times the largest published set of the kind [byte].
LARGEST = 200_000_000

# Third byte of the magic number: unsigned bytes, the only type these data sets use.
_UNSIGNED_BYTE = 8


def read_idx(path: Path) -> np.ndarray:
    """Reads one IDX file of unsigned bytes.

    Raises:
        InputError: If the file cannot be read, is not IDX, or is longer or shorter than it says.
    """
    content = disk.read(path, LARGEST)
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(content)) as file:
                # A few megabytes may unpack to many gigabytes.
                content = file.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
        if len(content) > LARGEST:
            raise InputError(f"{path}: unpacks to more than the {LARGEST:,} bytes that are read")
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE:
        raise InputError(f"{path}: not an IDX file of unsigned bytes (magic {content[:4].hex()!r})")
    dimensions = content[3]
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise InputError(f"{path}: ends inside its header of {dimensions} dimensions")
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i]) for i in range(dimensions)]
    if len(content) - header != math.prod(shape):
        raise InputError(
            f"{path}: {len(content) - header} bytes of data, expected {shape} = {math.prod(shape)}"
        )
    try:
        return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
    except ValueError as error:  # of no bytes at all, or of more dimensions than an array can have
        raise InputError(f"{path}: its shape {shape} fits no array: {error}") from error


def checksum(values: np.ndarray) -> str:
    """Returns the SHA-256 of an array of bytes, written as a plain IDX file."""
    header = bytes([0, 0, _UNSIGNED_BYTE, values.ndim])
    sizes = b"".join(size.to_bytes(4) for size in values.shape)
    return hashlib.sha256(header + sizes + values.tobytes()).hexdigest()
