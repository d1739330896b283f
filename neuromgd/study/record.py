"""The run folder: what a run leaves behind, readable at any moment and after an interruption."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neuromgd import disk
from neuromgd.data.metrics.metric import Metric
from neuromgd.errors import InputError
from neuromgd.fleet.processes import is_leader, meet
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE
from neuromgd.options.read import write_config
from neuromgd.stamp import write_stamped
from neuromgd.study.folder import PARTIAL, SUMMARY, clear, telling_of_storage
from neuromgd.study.history import History
from neuromgd.study.told import as_json, checked
from neuromgd.verdict.row import Row


class RunFolder:
    """Writes the files of one run; of several processes, the first alone writes.

    Attributes:
        path: The folder.
        rows: The history so far, a row a logged window.
        last: The newest of them; None: there is none.
    """

    def __init__(self, config: Config, sweep: str, metric: Metric):
        self.path = Path(str(config.out))
        self._config, self._sweep = config, sweep
        self._history = History(self.path, metric.name)

    @property
    def rows(self) -> Sequence[Row]:
        """The history so far, a row a logged window; a long one is read from the folder."""
        return self._history.rows

    @property
    def last(self) -> Row | None:
        """The newest row; None: there is none."""
        return self._history.last

    def begin(self) -> None:
        """Takes away what an earlier run left, and writes what this one is.

        Raises:
            InputError: If the folder cannot be written.
        """
        try:
            clear(self.path)
            if is_leader():
                write_config(self.path, self._config)
                self._tell_of_sweep()
        except OSError as error:
            name = str(self.path)
            raise InputError(
                f"option out = {name!r}: cannot be written: {error.strerror}"
            ) from error

    def reopen(self, window: int, told: dict[str, Any]) -> None:
        """Takes up the history of an interrupted run, up to a window.

        Args:
            window: Up to which.
            told: What its checkpoint tells of the history.

        Raises:
            InputError: If it is not what was written.
        """
        self._history.reopen(window, told)
        meet("the history is read")
        self.renew()
        with self.writing():
            if is_leader():
                self._history.rewrite()
        meet("the history is taken up")

    def renew(self) -> None:
        """Writes what the run is now, and takes away what a shorter one came to."""
        with self.writing():
            if is_leader():
                write_config(self.path, self._config)
                self._tell_of_sweep()
                for name in (PARTIAL, SUMMARY):
                    (self.path / name).unlink(missing_ok=True)

    def _tell_of_sweep(self) -> None:
        if self._sweep:
            write_stamped(self.path / FILE, self._sweep)

    def add(self, row: Row) -> None:
        """Adds one row to the history and writes it to the disk."""
        with self.writing():
            self._history.add(row, is_written=is_leader())

    def told(self) -> dict[str, Any]:
        """Returns what a checkpoint is to tell of the history."""
        return self._history.told()

    def settle(self) -> None:
        """Writes all of the history into its table."""
        with self.writing():
            if is_leader():
                self._history.settle()
        meet("the history is whole")

    def summarise(self, summary: dict[str, Any], is_finished: bool = True) -> dict[str, Any]:
        """Writes ``summary.json``, or what an interrupted run came to as ``partial.json``.

        Returns:
            What it says, its checksum included.
        """
        with self.writing():
            if is_leader():
                disk.write(self.path / (SUMMARY if is_finished else PARTIAL), as_json(summary))
        return checked(summary)

    def writing(self) -> contextlib.AbstractContextManager[None]:
        """Tells in one line of a disk that takes no more."""
        return telling_of_storage(self.path)
