"""Files of a history: tables in groups of rows under a checksum, and lines that are in none yet."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.study.folder import HISTORY, ROWS, TAIL
from neuromgd.verdict.row import Row

FORMAT = 2
_KEY = b"neuromgd"

# Rows that are written together, numbers in them, and rows that are read together.
_MOST_ROWS, _MOST_NUMBERS = 2**13, 2**15
BATCH = 1024

# Bytes of a tail: one of an older version is an eighth of a history at most.
_LARGEST_TAIL = 1 << 32

_TYPES = {
    int: pa.int64(),
    float: pa.float64(),
    float | None: pa.float64(),
    list[float]: pa.list_(pa.float64()),
    list[float] | None: pa.list_(pa.float64()),
}


def schema(metric: str) -> pa.Schema:
    """Returns the columns of a history: the fields of a row, the scores named by their metric."""
    return pa.schema(
        [
            (name.replace("score", metric), _TYPES[kind])
            for name, kind in get_type_hints(Row).items()
        ]
    )


def group_of(chips: int) -> int:
    """Returns how many rows of so many chips are written and read together."""
    return max(1, min(_MOST_ROWS, _MOST_NUMBERS // chips))


def line(row: Row) -> bytes:
    """Returns a row as a line, which is also what its checksum is of."""
    return json.dumps(row).encode() + b"\n"


def mark(rows: int, digest: Any) -> dict[str, Any]:
    """Returns what is told of some rows: how many there are, and their checksum."""
    return {"format": FORMAT, "rows": rows, "sha256": digest.hexdigest()}


def tables(folder: Path) -> list[Path]:
    """Returns the tables of a history in their order: the whole one, and what came after it."""
    whole, after = folder / HISTORY, folder / ROWS
    found = [] if after.is_symlink() else after.glob("*.parquet")
    return [whole] * whole.exists() + sorted(one for one in found if one.stem.isdecimal())


def as_table(rows: Sequence[Row], metric: str) -> pa.Table:
    """Returns rows as columns."""
    columns = schema(metric)
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    kinds = columns.types
    return pa.table([pa.array(one, kind) for one, kind in zip(values, kinds, strict=True)], columns)


def write_table(path: Path, metric: str, groups: Iterable[pa.Table], told: dict[str, Any]) -> None:
    """Writes a table, whole or not at all, group by group.

    Args:
        path: Of the file.
        metric: Name of what is measured.
        groups: Rows that are together in the file.
        told: The mark of all of them.

    Raises:
        OSError: If it cannot be written.
    """
    sink = _Sink()
    with disk.whole(path) as file:
        with pq.ParquetWriter(sink, schema(metric)) as writer:
            for group in groups:
                writer.write_table(group)
                file.write(sink.taken())
            writer.add_key_value_metadata({_KEY.decode(): json.dumps(told)})
        file.write(sink.taken())


def of_table(path: Path, metric: str) -> Iterator[Row]:
    """Yields the rows of a table; that they are not what was written is told after the last.

    Raises:
        InputError: If it cannot be read, is that of another metric, or its checksum differs.
    """
    if not path.is_file() or path.is_symlink():
        raise InputError(f"{path}: cannot be read: no such file")
    digest, count = hashlib.sha256(), 0
    try:
        with pq.ParquetFile(path) as file:
            told = _mark_of(file)
            if file.schema_arrow.names != schema(metric).names:
                raise InputError(f"{path}: not the history of a run that measures {metric}")
            if not isinstance(told, dict) or file.metadata.num_rows != told.get("rows"):
                raise InputError(f"{path}: of another format than {FORMAT}, or damaged")
            for batch in file.iter_batches(BATCH):
                for values in batch.to_pylist():
                    row = msgspec.convert([*values.values()], Row)
                    digest.update(line(row))
                    count += 1
                    yield row
    except InputError:
        raise
    except Exception as error:  # a damaged table fails its reader in too many ways to name
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if not is_told(count, digest, told):
        raise InputError(f"{path}: is not what the run wrote (its checksum differs)")


def is_told(rows: int, digest: Any, told: dict[str, Any]) -> bool:
    """Tells whether rows of this number and checksum are those of a mark."""
    return rows == told.get("rows") and digest.hexdigest() == told.get("sha256")


def of_tail(folder: Path) -> list[Row]:
    """Returns the rows that are in no table yet, up to the first line that is not whole."""
    path = folder / TAIL
    if not path.exists():
        return []
    rows = []
    for one in disk.read(path, _LARGEST_TAIL).splitlines():
        try:
            rows.append(msgspec.convert(json.loads(one), Row))
        except (msgspec.ValidationError, ValueError, RecursionError):
            break  # a killed run may leave half a line; a checkpoint tells which rows there must be
    return rows


class _Sink(io.RawIOBase):
    """What a table is written into, taken piece by piece: errors of a disk are then our own."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self._place += len(self._pieces[-1])
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """Returns what was written since it was last taken."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _mark_of(file: pq.ParquetFile) -> Any:
    # Written before the rows by earlier versions, with the schema, and after them by this one.
    return json.loads((file.metadata.metadata or {}).get(_KEY, b"null"))
