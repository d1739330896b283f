"""The run folder: what a run leaves behind, readable at any moment and after an interruption."""

import json
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from neuromgd.errors import InputError
from neuromgd.fleet.processes import agreed, is_leader
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE
from neuromgd.options.read import to_toml


def folder_of(config: Config) -> str:
    """Returns where a run is written: as said, or a folder named by task and time."""
    if config.out:
        return config.out
    now = time.localtime(agreed(int(time.time())))
    return f"runs/{config.task}-{time.strftime('%Y%m%d-%H%M%S', now)}"


class RunFolder:
    """Writes the files of one run; of several processes, the first alone writes.

    Attributes:
        path: The folder.
        rows: Columns of the history so far, one value a logged window.
    """

    def __init__(self, config: Config, over: list[str]):
        name = folder_of(config)
        self.path = Path(name)
        self.rows: list[dict[str, Any]] = []
        try:
            if is_leader():
                self.path.mkdir(parents=True, exist_ok=True)
            self._replace("config.toml", to_toml(config).encode())
            self._replace(FILE, tomli_w.dumps({"over": over}).encode() if over else None)
        except OSError as error:
            raise InputError(f"option out = {name!r}: cannot be written: {error}") from error

    def reopen(self, window: int) -> None:
        """Takes up the history of an interrupted run, up to a window.

        Raises:
            InputError: If there is none.
        """
        path = self.path / "history.parquet"
        try:
            rows = pq.read_table(path).to_pylist()
        except (OSError, pa.ArrowInvalid) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
        self.rows = [row for row in rows if row["window"] <= window]

    def add(self, row: dict[str, Any]) -> None:
        """Adds one row to the history and makes it safe on the disk."""
        self.rows.append(row)
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(self.rows, _SCHEMA), sink)
        self._replace("history.parquet", sink.getvalue().to_pybytes())

    def summarise(self, summary: dict[str, Any]) -> None:
        """Writes ``summary.json``."""
        self._replace("summary.json", (json.dumps(summary, indent=2) + "\n").encode())

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


_SCHEMA = pa.schema(
    [
        ("window", pa.int64()),
        ("step", pa.int64()),
        ("epoch", pa.float64()),
        ("cost", pa.float64()),
        ("accuracy", pa.float64()),
        ("cost_per_chip", pa.list_(pa.float64())),
        ("accuracy_per_chip", pa.list_(pa.float64())),
        ("delta_cost", pa.float64()),
        ("hardware_seconds", pa.float64()),
        ("hardware_joules", pa.float64()),
    ]
)
