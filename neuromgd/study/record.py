"""The run folder: what a run leaves behind, readable at any moment and after an interruption."""

import json
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from neuromgd.data.metrics.metric import Metric
from neuromgd.errors import InputError
from neuromgd.fleet.processes import is_leader
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE
from neuromgd.options.read import to_toml
from neuromgd.study.folder import MARK, SUMMARY, clear
from neuromgd.verdict.row import Row


def history(folder: Path, metric: str) -> list[Row]:
    """Returns the rows of the history in a run folder.

    Args:
        folder: The run folder.
        metric: Name of what its task measures.

    Raises:
        InputError: If there is none, or it is that of another run.
    """
    path = folder / "history.parquet"
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if table.schema.names != schema(metric).names:
        raise InputError(f"{path}: not the history of a run that measures {metric}")
    return [Row(*row.values()) for row in table.to_pylist()]


class RunFolder:
    """Writes the files of one run; of several processes, the first alone writes.

    Attributes:
        path: The folder.
        rows: The history so far, a row a logged window.
    """

    def __init__(self, config: Config, over: list[str], metric: Metric, is_resumed: bool = False):
        name = str(config.out)
        self.path = Path(name)
        self.rows: list[Row] = []
        self._metric = metric.name
        try:
            if is_leader():
                self.path.mkdir(parents=True, exist_ok=True)
                (self.path / MARK).touch()
            if not is_resumed:
                clear(self.path)
            self._replace("config.toml", to_toml(config).encode())
            self._replace(FILE, tomli_w.dumps({"over": over}).encode() if over else None)
        except OSError as error:
            raise InputError(f"option out = {name!r}: cannot be written: {error}") from error

    def reopen(self, window: int) -> None:
        """Takes up the history of an interrupted run, up to a window.

        Raises:
            InputError: If there is none.
        """
        rows = history(self.path, self._metric)
        self.rows = [row for row in rows if row.window <= window]

    def add(self, row: Row) -> None:
        """Adds one row to the history and makes it safe on the disk."""
        self.rows.append(row)
        sink, columns = pa.BufferOutputStream(), schema(self._metric)
        listed = [dict(zip(columns.names, row, strict=True)) for row in self.rows]
        pq.write_table(pa.Table.from_pylist(listed, columns), sink)
        self._replace("history.parquet", sink.getvalue().to_pybytes())

    def summarise(self, summary: dict[str, Any]) -> None:
        """Writes ``summary.json``."""
        self._replace(SUMMARY, (json.dumps(summary, indent=2) + "\n").encode())

    def _replace(self, name: str, content: bytes | None) -> None:
        if not is_leader():
            return
        if content is None:
            (self.path / name).unlink(missing_ok=True)
            return
        # A reader never sees half a file, even if the run is killed in between.
        part = self.path / f".{name}.part"
        part.write_bytes(content)
        part.replace(self.path / name)


_TYPES = {
    int: pa.int64(),
    float: pa.float64(),
    float | None: pa.float64(),
    list[float]: pa.list_(pa.float64()),
}


def schema(metric: str) -> pa.Schema:
    """Returns the columns of a history: the fields of a row, the scores named by their metric."""
    return pa.schema(
        [
            (name.replace("score", metric), _TYPES[kind])
            for name, kind in get_type_hints(Row).items()
        ]
    )
