"""The history of a run: rows that are written as they come, in memory while they are few."""

import contextlib
import hashlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from neuromgd import disk
from neuromgd.errors import DamageWarning, InputError
from neuromgd.study.folder import HISTORY, ROWS, TAIL
from neuromgd.study.history_file import (
    as_table,
    group_of,
    is_told,
    line,
    mark,
    of_table,
    of_tail,
    tables,
    write_table,
)
from neuromgd.study.rows import Rows
from neuromgd.verdict.row import Row

# Up to so many rows the table is written anew with every row. Later ones go to the end of a file of
# lines; when these are a group of rows, they become a table, which nothing writes again before the
# run is over.
ANEW = 100

# Up to so many rows, and numbers in them, a history is in memory, and checkpoints hold it as well.
SHORT = 1000
_NUMBERS = 100_000


class History:
    """The rows of one run, in memory or in its folder.

    Attributes:
        last: The newest one; None: there is none.
    """

    def __init__(self, folder: Path, metric: str):
        self.last: Row | None = None
        self._folder, self._metric = folder, metric
        self._digest, self._count = hashlib.sha256(), 0
        self._few: list[Row] | None = []  # None: they are too many for memory
        self._waiting = 0  # in the file of lines
        self._is_whole = True

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Sequence[Row]:
        """All of them; those that are not in memory are read from the folder, as it is now."""
        return Rows(self._folder, self._metric) if self._few is None else self._few

    def add(self, row: Row, is_written: bool) -> None:
        """Adds a row, and writes it if this process is the one that writes."""
        told = self._taken(row)
        if not is_written:
            return
        if self._few is not None and self._count <= ANEW:
            self._write(HISTORY, [as_table(self._few, self._metric)], self._mark())
            return
        disk.append(self._folder / TAIL, told)
        self._waiting += 1
        self._is_whole = False
        if self._waiting >= group_of(len(row.cost_per_chip)):
            self._turn_tail()

    def _taken(self, row: Row) -> bytes:
        """Takes a row up, and returns its line."""
        self.last, told = row, line(row)
        self._count += 1
        self._digest.update(told)
        if self._few is not None and _is_short(self._count, row):
            self._few.append(row)
        else:
            self._few = None
        return told

    def _turn_tail(self) -> None:
        """Makes a table of the lines that are in none."""
        (self._folder / ROWS).mkdir(exist_ok=True)
        rows, digest = of_tail(self._folder), hashlib.sha256()
        for row in rows:
            digest.update(line(row))
        # Named by its last row: the tables are in order, and one is never written twice.
        name = f"{ROWS}/{self._count:015d}.parquet"
        self._write(name, [as_table(rows, self._metric)], mark(len(rows), digest))
        (self._folder / TAIL).unlink()
        self._waiting = 0

    def settle(self) -> None:
        """Writes all rows into one table."""
        if not self._is_whole:
            self.rewrite()

    def rewrite(self) -> None:
        """Leaves one table in the folder, of the rows that were added or taken up."""
        if self._few is None:
            groups = Rows(self._folder, self._metric).tables(self._count)
        else:
            groups = [as_table(self._few, self._metric)]
        self._write(HISTORY, groups, self._mark())
        for path in tables(self._folder):
            if path.parent.name == ROWS:
                path.unlink()
        with contextlib.suppress(OSError):
            (self._folder / ROWS).rmdir()
        (self._folder / TAIL).unlink(missing_ok=True)
        self._waiting, self._is_whole = 0, True

    def _write(self, name: str, groups: Iterable[pa.Table], told: dict[str, Any]) -> None:
        write_table(self._folder / name, self._metric, groups, told)

    def _mark(self) -> dict[str, Any]:
        return mark(self._count, self._digest)

    def told(self) -> dict[str, Any]:
        """Returns what a checkpoint tells: the checksum of the rows, and few rows themselves."""
        disk.sync(self._folder / TAIL)
        return self._mark() | ({"held": [list(row) for row in self._few]} if self._few else {})

    def reopen(self, window: int, told: dict[str, Any]) -> None:
        """Takes up the rows up to a window, as a checkpoint tells them.

        Raises:
            InputError: If they are not what was written, and the checkpoint has not got them.
        """
        reason = "not the rows that the checkpoint tells of"
        try:
            for row in _checked(self._folder, self._metric):
                if row.window > window:
                    break
                self._taken(row)
        except InputError as error:
            reason = str(error)
        if is_told(self._count, self._digest, told):
            return
        self.__init__(self._folder, self._metric)
        held, path = [Row(*row) for row in told.get("held", [])], self._folder / HISTORY
        for row in held:
            self._taken(row)
        self._few = held  # an earlier version held more
        if not is_told(self._count, self._digest, told):
            raise InputError(f"{path}: damaged or missing: {reason}")
        warnings.warn(
            f"{path}: damaged or missing ({reason}); written again from the checkpoint",
            DamageWarning,
            stacklevel=2,
        )


def history(folder: Path, metric: str) -> Sequence[Row]:
    """Returns the rows of the history in a run folder; of a long one they are read as needed.

    Args:
        folder: The run folder.
        metric: Name of what its task measures.

    Raises:
        InputError: If there is none, it is that of another run, or it is not what was written.
    """
    few: list[Row] | None = []
    for number, row in enumerate(_checked(folder, metric), 1):
        if few is not None and _is_short(number, row):
            few.append(row)
        else:
            few = None
    return Rows(folder, metric) if few is None else few


def _checked(folder: Path, metric: str) -> Iterator[Row]:
    """Yields all rows of a folder once, in their order; the last step tells of damage."""
    last = -1
    known = tables(folder)
    for path in known or [folder / HISTORY]:
        for row in of_table(path, metric):
            if row.window > last:
                last = row.window
                yield row
    for row in of_tail(folder):
        if row.window > last:
            last = row.window
            yield row


def _is_short(count: int, row: Row) -> bool:
    return count <= SHORT and count * len(row.cost_per_chip) <= _NUMBERS
