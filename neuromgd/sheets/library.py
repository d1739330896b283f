"""Where the data sheets lie, and how one is read: TOML in, a checked structure out."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.nearest import suggestion
from neuromgd.shown import one_line, short

T = TypeVar("T")

# A sheet or configuration is text of some kilobytes; more is something else [byte].
LARGEST = 1_000_000

# Of sheets; one that tells none is of the first.
FORMAT = 1

# Parts of a dotted key; the longest that means anything has four.
DEEPEST = 32


def folder(kind: str) -> Path:
    """Returns the folder of all sheets of one kind.

    Args:
        kind: ``devices`` or ``platforms``.
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "hardware_models" / kind
    # In an editable install the sheets stand beside the package, not inside it.
    return installed if installed.is_dir() else package.parent / "hardware_models" / kind


def names(kind: str) -> list[str]:
    """Returns the names of the sheets that ship, sorted."""
    return sorted(path.stem for path in folder(kind).glob("*.toml"))


def locate(kind: str, sheet: str) -> Path:
    """Finds a sheet by its name or by its path.

    Raises:
        InputError: If there is no such sheet.
    """
    path = Path(sheet) if sheet.endswith(".toml") else folder(kind) / f"{sheet}.toml"
    try:
        is_there = path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        is_there = False
    if not is_there:
        known = ", ".join(names(kind))
        near = suggestion(sheet, names(kind))
        raise InputError(
            f"no sheet {short(sheet)} in {kind}: give a .toml file or one of {known}{near}"
        )
    return path


def table(path: Path) -> dict[str, Any]:
    """Reads a TOML file.

    Raises:
        InputError: If it cannot be read or is not TOML; the message names file and line.
    """
    content = text(path)
    if any(_is_deep(line) for line in content.splitlines()):
        raise InputError(f"{path}: a key of more than {DEEPEST} parts; nothing has so many")
    try:
        read = tomllib.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    for key, value in _leaves(read):
        if isinstance(value, int) and abs(value) >= 2**64:
            raise InputError(f"{path}: {key or 'top level'}: a whole number of over 64 bits")
    return read


def sheet(path: Path) -> dict[str, Any]:
    """Reads a data sheet, whose texts are shown: each in one line, what no terminal prints escaped.

    Raises:
        InputError: If it cannot be read, is not TOML, or of a later version.
    """
    read = _shown(table(path))
    told = read.get("format", FORMAT)
    if isinstance(told, int) and told > FORMAT:
        raise InputError(
            f"{path}: format = {told}: a sheet for a later version of neuromgd; this one reads"
            f" formats up to {FORMAT}: use that version"
        )
    return read


def text(path: Path) -> str:
    """Reads a file of text.

    Raises:
        InputError: If it is no regular file of text, or larger than a sheet may be.
    """
    try:
        return disk.read(path, LARGEST).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read as TOML: no UTF-8 at {error.start}") from error


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {one_line(key): _shown(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return one_line(value) if isinstance(value, str) else value


def _is_deep(line: str) -> bool:
    """Tells whether a line has a key that takes its reader longer than the whole file may."""
    key = line.partition("=")[0]
    return key.count(".") > DEEPEST and not key.lstrip().startswith(("#", '"', "'"))


def _leaves(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yields all values of a file that are no tables, with their dotted keys."""
    waiting = [("", tree)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            if not value:
                yield key, None
            waiting += [(f"{key}.{name}" if key else name, one) for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(key, one) for one in value]
        else:
            yield key, value


def convert(path: Path, data: Any, into: type[T], within: str = "") -> T:
    """Checks what a file held against a structure.

    Args:
        path: The file, for messages.
        data: What it held, or one of its tables.
        into: The structure.
        within: Key of that table.

    Raises:
        InputError: If a key is unknown or missing, or a value is not allowed; the message names
            file and key, what was read and what is allowed.
    """
    try:
        return msgspec.convert(data, into)
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        key = key.strip("`").removeprefix("$").removeprefix(".")
        where = ".".join(part for part in (within, key) if part) or "top level"
        near = re.match(r"Object contains unknown field `(.*)`", reason)
        told = suggestion(near[1], _fields(into)) if near else ""
        raise InputError(f"{path}: {where}: {reason}{read_at(data, key)}{told}") from error


def _fields(struct: Any) -> list[str]:
    """Returns the names of the keys of a structure, and of those inside it."""
    found = []
    is_struct = lambda kind: isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    for field in msgspec.structs.fields(struct) if is_struct(struct) else ():
        found += [field.name, *_fields(field.type)]
    return found


def read_at(data: Any, key: str) -> str:
    """Returns what a file held under a key, as the end of a message; nothing for whole tables."""
    for step in re.findall(r"[^.\[\]]+", key):
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list | tuple) and step.isdigit():
            data = data[int(step)]
        else:
            return ""
    return "" if isinstance(data, dict) else f"; read {str(data)[:80]!r}"
