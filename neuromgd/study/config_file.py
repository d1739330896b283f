"""``config.toml`` of a run folder: the options, under a checksum in its first line."""

import hashlib
from pathlib import Path

import msgspec

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.read import to_toml
from neuromgd.sheets.library import LARGEST

NAME = "config.toml"
FORMAT = 2

_FIRST = "# written by a run of neuromgd, format {}, SHA-256 of what follows {}\n"


def write_config(folder: Path, config: Config) -> None:
    """Writes what a run is; a new run of the same can be made of it.

    Raises:
        OSError: If it cannot be written.
    """
    text = to_toml(msgspec.structs.replace(config, out=None))
    first = _FIRST.format(FORMAT, hashlib.sha256(text.encode()).hexdigest())
    disk.write(folder / NAME, (first + text).encode())


def refuse_changed(folder: Path) -> None:
    """Raises InputError if the file is not what the run wrote."""
    content = disk.read(folder / NAME, LARGEST)
    first, _, rest = content.partition(b"\n")
    if first.decode(errors="replace") + "\n" != _FIRST.format(
        FORMAT, hashlib.sha256(rest).hexdigest()
    ):
        raise InputError(
            f"{folder / NAME}: is not what the run wrote (its checksum differs); a run goes on"
            " as it began, and --config makes a new one of the file"
        )
