"""Files of options that a run writes: TOML under a first line with format and checksum."""

import hashlib
import re
from pathlib import Path

from neuromgd import disk
from neuromgd.errors import InputError

# Of what runs write; 1 had no first line.
FORMAT = 2

_FIRST = "# written by a run of neuromgd, format {}, SHA-256 of what follows {}\n"
_ANY = re.compile(r"# written by a run of neuromgd, format (\d{1,9}),")

# A file of options is text of some kilobytes, and of a long list of points some more [byte].
LARGEST = 1_000_000


def write_stamped(path: Path, text: str) -> None:
    """Writes text under its format and checksum, whole or not at all.

    Raises:
        OSError: If it cannot be written.
    """
    first = _FIRST.format(FORMAT, hashlib.sha256(text.encode()).hexdigest())
    disk.write(path, (first + text).encode())


def refuse_changed(path: Path) -> None:
    """Raises InputError if a file is not what a run of this version wrote."""
    content = disk.read(path, LARGEST)
    first, _, rest = content.partition(b"\n")
    line = first.decode(errors="replace") + "\n"
    refuse_newer(path, line)
    if line != _FIRST.format(FORMAT, hashlib.sha256(rest).hexdigest()):
        older = " or that of an older version" if not line.startswith("#") else ""
        raise InputError(
            f"{path}: is not what the run wrote (its checksum differs){older}; a run goes on as it"
            " began, and a new one can be made of the same options"
        )


def is_stamped(text: str) -> bool:
    """Tells whether a run wrote a text."""
    return _ANY.match(text[:200]) is not None


def refuse_newer(path: Path, text: str) -> None:
    """Raises InputError if the first line of a text says that a later version wrote it."""
    found = _ANY.match(text[:200])
    if found and int(found[1]) > FORMAT:
        raise InputError(
            f"{path}: of format {found[1]}, which a later version of neuromgd wrote; this one reads"
            f" formats up to {FORMAT}: use that version"
        )
