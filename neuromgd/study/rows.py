"""The rows of a history that is too long for memory, as they stand in its folder."""

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd.study.history_file import BATCH, as_table, of_table, of_tail, tables
from neuromgd.verdict.row import Row


class _Part(NamedTuple):
    """A stretch of rows.

    Attributes:
        path: Of the table that holds them; None: they are in memory.
        skipped: Rows of the table before them, which are in an earlier one as well.
        rows: How many they are.
        held: They, if they are in memory.
    """

    path: Path | None
    skipped: int
    rows: int
    held: list[Row]


class Rows(Sequence[Row]):
    """All rows of one folder, read when they are asked for, few at a time.

    Args:
        folder: The run folder; it stays as it is.
        metric: Name of what is measured.
    """

    def __init__(self, folder: Path, metric: str):
        self._metric = metric
        self._parts = list(_parts(folder, metric))
        self._ends = list(itertools.accumulate(part.rows for part in self._parts))
        self._near: tuple[int, list[Row]] = (0, [])

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Row]:
        for part in self._parts:
            rows = iter(part.held) if part.path is None else of_table(part.path, self._metric)
            yield from itertools.islice(rows, part.skipped, None)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place += len(self) if place < 0 else 0
        if not 0 <= place < len(self):
            raise IndexError(place)
        first, rows = self._near
        if not first <= place < first + len(rows):
            self._near = first, rows = self._around(place)
        return rows[place - first]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(one == its for one, its in zip(self, other, strict=True))

    def column(self, name: str) -> np.ndarray:
        """Returns the (rows,) numbers of one field; nan: there is none."""
        found = [np.empty(0)]
        for part in self._parts:
            if part.path is None:
                values: Any = [getattr(row, name) for row in part.held]
            else:
                named = name.replace("score", self._metric)
                with pq.ParquetFile(part.path) as file:
                    (values,) = file.read(columns=[named]).columns
                    values = values.to_pandas().to_numpy()[part.skipped :]
            found.append(np.asarray(values, float))
        return np.concatenate(found)

    def tables(self, most: int) -> Iterator[pa.Table]:
        """Yields the first rows, up to so many, as columns, a group of a file at a time."""
        for part in self._parts:
            left = min(part.rows, most)
            most -= left
            if part.path is None:
                yield as_table(part.held[:left], self._metric)
                continue
            skipped = part.skipped
            with pq.ParquetFile(part.path) as file:
                for group in range(file.num_row_groups):
                    found = file.read_row_group(group).slice(skipped, left)
                    skipped = max(0, skipped - file.metadata.row_group(group).num_rows)
                    left -= len(found)
                    if len(found):
                        yield found.replace_schema_metadata()

    def _around(self, place: int) -> tuple[int, list[Row]]:
        """Returns the rows that stand with one in its group, and the place of the first."""
        number = bisect_right(self._ends, place)
        part = self._parts[number]
        first = self._ends[number] - part.rows
        if part.path is None:
            return first, part.held
        place += part.skipped - first
        with pq.ParquetFile(part.path) as file:
            start, group = _group_at(file, place)
            for batch in file.iter_batches(BATCH, row_groups=[group]):
                if place < start + len(batch):
                    rows = [Row(*values.values()) for values in batch.to_pylist()]
                    beyond = max(0, part.skipped - start)
                    return first + start + beyond - part.skipped, rows[beyond:]
                start += len(batch)
        raise IndexError(place)


def _group_at(file: pq.ParquetFile, place: int) -> tuple[int, int]:
    """Returns the first row of the group that a row is in, and its number."""
    start = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        if place < end:
            return start, group
        start = end
    raise IndexError(place)


def _parts(folder: Path, metric: str) -> Iterator[_Part]:
    """Yields the stretches: what a killed run left twice is in one of them alone."""
    last = -1
    for path in tables(folder):
        with pq.ParquetFile(path) as file:
            windows = file.read(columns=["window"])["window"].to_numpy()
        skipped = int(np.searchsorted(windows, last, side="right"))
        if skipped < len(windows):
            yield _Part(path, skipped, len(windows) - skipped, [])
            last = int(windows[-1])
    held = [row for row in of_tail(folder) if row.window > last]
    if held:
        yield _Part(None, 0, len(held), held)
