"""The history of a run: a table that grows, under a checksum of its rows."""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd import disk
from neuromgd.errors import DamageWarning, InputError
from neuromgd.study.folder import HISTORY, TAIL
from neuromgd.verdict.row import Row

# Up to so many rows the table is written anew with every row. Of a longer history, rows go to the
# end of a file of lines, and into the table when they are an eighth of it: all writing is then
# about nine times the table, however long it gets.
SHORT = 1000
_SHARE = 8

# Rows in a group of the table, and numbers up to which a checkpoint holds the rows themselves.
_GROUP = 2**16
_IN_CHECKPOINT = 100_000

# Bytes of a tail, which is an eighth of a history at most.
_LARGEST_TAIL = 1 << 32

_KEY = b"neuromgd"
FORMAT = 2


class History:
    """The rows of one run, in memory and in its folder.

    Attributes:
        rows: All of them.
    """

    def __init__(self, folder: Path, metric: str):
        self.rows: list[Row] = []
        self._folder, self._metric = folder, metric
        self._digest = hashlib.sha256()
        self._in_table = 0

    def add(self, row: Row, is_written: bool) -> None:
        """Adds a row, and writes it if this process is the one that writes."""
        self.rows.append(row)
        self._digest.update(_line(row))
        if not is_written:
            return
        waiting = len(self.rows) - self._in_table
        if len(self.rows) <= SHORT or waiting * _SHARE >= len(self.rows):
            self.fold()
        else:
            disk.append(self._folder / TAIL, _line(row))

    def fold(self) -> None:
        """Writes all rows into the table."""
        if self._in_table == len(self.rows):
            return
        sink = pa.BufferOutputStream()
        columns = schema(self._metric).with_metadata({_KEY: json.dumps(self._mark()).encode()})
        with pq.ParquetWriter(sink, columns) as writer:
            for first in range(0, len(self.rows), _GROUP):
                group = self.rows[first : first + _GROUP]
                listed = [dict(zip(columns.names, row, strict=True)) for row in group]
                writer.write_table(pa.Table.from_pylist(listed, columns))
        disk.write(self._folder / HISTORY, sink.getvalue().to_pybytes())
        (self._folder / TAIL).unlink(missing_ok=True)
        self._in_table = len(self.rows)

    def told(self) -> dict[str, Any]:
        """Returns what a checkpoint tells: the checksum of the rows, and few rows themselves."""
        disk.sync(self._folder / TAIL)
        told = self._mark()
        if self.rows and len(self.rows) * len(self.rows[-1].cost_per_chip) <= _IN_CHECKPOINT:
            told["held"] = [list(row) for row in self.rows]
        return told

    def reopen(self, window: int, told: dict[str, Any]) -> None:
        """Takes up the rows up to a window, as a checkpoint tells them.

        Raises:
            InputError: If they are not what was written, and the checkpoint has not got them.
        """
        reason = "not the rows that the checkpoint tells of"
        rows: list[Row] = []
        try:
            rows = [row for row in history(self._folder, self._metric) if row.window <= window]
        except InputError as error:
            reason = str(error)
        if not _is_told(rows, told):
            held = [Row(*row) for row in told.get("held", [])]
            path = self._folder / HISTORY
            if not _is_told(held, told):
                raise InputError(f"{path}: damaged or missing: {reason}")
            warnings.warn(
                f"{path}: damaged or missing ({reason}); written again from the checkpoint",
                DamageWarning,
                stacklevel=2,
            )
            rows = held
        self.rows, self._in_table = rows, 0
        self._digest = _digest(rows)

    def _mark(self) -> dict[str, Any]:
        return {"format": FORMAT, "rows": len(self.rows), "sha256": self._digest.hexdigest()}


def history(folder: Path, metric: str) -> list[Row]:
    """Returns the rows of the history in a run folder.

    Args:
        folder: The run folder.
        metric: Name of what its task measures.

    Raises:
        InputError: If there is none, it is that of another run, or it is not what was written.
    """
    path = folder / HISTORY
    rows = _of_table(path, metric)
    rows += [row for row in _of_tail(folder / TAIL) if not rows or row.window > rows[-1].window]
    return rows


def _of_table(path: Path, metric: str) -> list[Row]:
    if not path.is_file() or path.is_symlink():
        raise InputError(f"{path}: cannot be read: no such file")
    try:
        with pq.ParquetFile(path) as file:
            mark = json.loads((file.schema_arrow.metadata or {}).get(_KEY, b"null"))
            if file.schema_arrow.names != schema(metric).names:
                raise InputError(f"{path}: not the history of a run that measures {metric}")
            if not isinstance(mark, dict) or file.metadata.num_rows != mark.get("rows"):
                raise InputError(f"{path}: of another format than {FORMAT}, or damaged")
            rows = [Row(*row.values()) for row in file.read().to_pylist()]
    except InputError:
        raise
    except Exception as error:  # a damaged table fails its reader in too many ways to name
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if not _is_told(rows, mark):
        raise InputError(f"{path}: is not what the run wrote (its checksum differs)")
    return rows


def _of_tail(path: Path) -> list[Row]:
    """Returns the rows that are in no table yet, up to the first line that is not whole."""
    if not path.exists():
        return []
    rows = []
    for line in disk.read(path, _LARGEST_TAIL).splitlines():
        try:
            rows.append(Row(*json.loads(line)))
        except (TypeError, ValueError, RecursionError):
            break  # a killed run may leave half a line; a checkpoint tells which rows there must be
    return rows


def _is_told(rows: list[Row], told: dict[str, Any]) -> bool:
    return len(rows) == told.get("rows") and _digest(rows).hexdigest() == told.get("sha256")


def _digest(rows: list[Row]) -> Any:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(_line(row))
    return digest


def _line(row: Row) -> bytes:
    return json.dumps(row).encode() + b"\n"


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
