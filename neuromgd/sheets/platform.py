"""A platform sheet: how long each part of an accelerator takes and what it burns, with sources."""

import re
from pathlib import Path
from typing import Any

import msgspec

from neuromgd import units
from neuromgd.errors import InputError
from neuromgd.sheets import library
from neuromgd.sheets.platform_check import check
from neuromgd.sheets.platform_schema import Entry
from neuromgd.sheets.platform_schema import Platform as Platform


def load(sheet: str) -> Platform:
    """Reads and checks a platform sheet.

    Args:
        sheet: Name of a sheet that ships, or path of a ``.toml`` file.

    Raises:
        InputError: If it cannot be found, read or used; the message names file and key.
    """
    path = library.locate("platforms", sheet)
    return build(path, library.sheet(path))


def build(path: Path, data: dict[str, Any]) -> Platform:
    """Checks what a file held: structure, units, ranges and what its own choices need."""
    for group in ("times", "energies", "adcs", "powers", "areas", "factors"):
        entries = data.get(group)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if not name.isidentifier():
                raise InputError(
                    f"{path}: {group}: read {name!r}, allowed are names of letters, digits and _"
                )
            library.convert(path, entry, Entry, f"{group}.{name}")
    platform = library.convert(path, data, Platform)
    try:
        check(platform)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return platform


def override(platform: Platform, setting: str, path: Path = Path("--set")) -> Platform:
    """Returns the platform with one value replaced, such as ``times.write=5 us``.

    Raises:
        InputError: If the key does not exist or the value cannot be used.
    """
    key, equals, text = setting.partition("=")
    data = msgspec.to_builtins(platform)
    *groups, last = key.strip().split(".")
    table = data
    for group in groups:
        table = table.get(group) if isinstance(table, dict) else None
    if not equals or not isinstance(table, dict):
        raise InputError(f"--set {setting!r}: expected KEY=VALUE, such as times.write='5 us'")
    if groups and groups[-1] in ("times", "energies", "powers", "areas", "factors", "adcs"):
        units.parse(text)
        found = re.match(r"[^a-zA-Zµμ%Ω]*(?:[eE][+-]?\d+)?", text.strip())
        size = found[0].strip() if found else ""
        table[last] = {
            "value": number(size), "unit": text.strip().removeprefix(size).strip(),
            "basis": "assumed", "spans": "set by the user", "source": "set by the user",
        }  # fmt: skip
    else:
        table[last] = number(text.strip())
    return build(path, data)


def number(text: str) -> int | float | str:
    """Returns a number if the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
