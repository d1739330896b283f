"""The folder of a search by many sweeps: begun, gone on with, and told what it came to."""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neuromgd import disk
from neuromgd.errors import DamageWarning, InputError
from neuromgd.options.config import Config
from neuromgd.options.searches import Kind, Wanted
from neuromgd.stamp import write_stamped
from neuromgd.study.ensemble import in_folder
from neuromgd.study.folder import SUMMARY, reserved, telling_of_storage
from neuromgd.study.table_file import read_rows
from neuromgd.study.told import as_json, read_summary


@contextlib.contextmanager
def searching(
    kind: Kind[Wanted],
    config: Config,
    wanted: Wanted,
    axis: str,
    is_resumed: bool,
    may_overwrite: bool,
) -> Iterator[Config]:
    """Reserves the folder of a search, and keeps there what is asked.

    Args:
        kind: Of search.
        config: What all its chips have in common.
        wanted: What is asked.
        axis: One of those that it goes along.
        is_resumed: Whether the search in the folder goes on.
        may_overwrite: Whether a finished one may be overwritten.

    Yields:
        The configuration with its folder.

    Raises:
        InputError: If the folder is taken.
        StorageError: If it takes no more.
    """
    with reserved(config, is_resumed, may_overwrite) as config:
        folder = Path(str(config.out))
        if not is_resumed:
            with telling_of_storage(folder):
                write_stamped(folder / kind.file, kind.text(axis, config, wanted))
                (folder / SUMMARY).unlink(missing_ok=True)
        yield config


def summarise(folder: Path, summary: dict[str, Any]) -> None:
    """Writes what a search came to.

    Raises:
        StorageError: If the folder takes no more.
    """
    with telling_of_storage(folder):
        disk.write(folder / SUMMARY, as_json(summary))


def begun(kind: Kind[Wanted], folder: Path) -> tuple[Config, Wanted]:
    """Returns the search in a folder; what it came to is made again where it is damaged.

    Raises:
        InputError: If there is none, or it is finished.
    """
    config, wanted = kind.kept(folder)
    if (folder / SUMMARY).exists() and _is_told(kind, folder):
        raise InputError(f"{folder}: the {kind.what} is finished")
    return in_folder(config, folder), wanted


def _is_told(kind: Kind, folder: Path) -> bool:
    """Tells whether what a search came to stands as it was written."""
    try:
        read_summary(folder / SUMMARY)
        if kind.table is not None:
            read_rows(folder / kind.table)
    except InputError as error:
        warnings.warn(f"{error}; made again from its sweeps", DamageWarning, stacklevel=3)
        return False
    return True
