"""Tables of packed pictures in parquet files, the form in which the Hugging Face hub keeps them."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from neuromgd import disk
from neuromgd.data.pixels import class_numbers, pixels
from neuromgd.errors import InputError

# Several times the largest published set of the kind.
LARGEST = 500_000_000
MOST_ROWS = 500_000


def read_parquet(
    path: Path, image: str, label: str, shape: tuple[int, ...], classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Reads the pictures and class numbers of one file.

    Args:
        path: Of the file.
        image: Name of the column of pictures.
        label: Name of the column of class numbers.
        shape: Of one picture.
        classes: How many classes there are.

    Returns:
        (n, *shape) bytes and (n,) int32.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a row is not what it must be.
    """
    import pyarrow as pa  # slow to import
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(io.BytesIO(disk.read(path, LARGEST))) as file:
            _refuse_large(path, file.metadata)
            table = file.read(columns=[image, label])
        found = table.column_names
    except InputError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:  # a damaged name is a ValueError
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: cannot be read as parquet: {reason}") from error
    missing = [name for name in (image, label) if name not in found]
    if missing:
        raise InputError(f"{path}: has no column {missing[0]!r}, expected {image!r} and {label!r}")
    x = np.empty((len(table), *shape), np.uint8)
    for row, cell in enumerate(table[image].to_pylist()):
        try:
            x[row] = _unpacked(cell, shape)
        except Exception as error:  # damaged pictures fail their decoders in too many ways to name
            reason = " ".join(str(error).split())
            raise InputError(f"{path}: {image} of row {row} cannot be used: {reason}") from error
    try:
        return x, class_numbers(table[label].to_pylist(), classes)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _refuse_large(path: Path, told: Any) -> None:
    """Raises InputError if a table takes more memory than those that are published."""
    groups = [told.row_group(number) for number in range(told.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    if told.num_rows > MOST_ROWS or size > LARGEST:
        raise InputError(
            f"{path}: {told.num_rows:,} rows of {size:,} bytes, allowed are {MOST_ROWS:,} rows of"
            f" {LARGEST:,} bytes"
        )


def _unpacked(cell: Any, shape: tuple[int, ...]) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(cell["bytes"])) as picture:
        return pixels(picture, shape)
