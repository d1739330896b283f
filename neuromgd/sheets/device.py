"""A device sheet: found, checked, read, told apart by its content."""

import hashlib
from inspect import cleandoc
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from neuromgd import disk
from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.errors import InputError
from neuromgd.sheets import library, lookup
from neuromgd.sheets.cell import Cell, cell, scale_of
from neuromgd.sheets.device_check import problems
from neuromgd.sheets.device_schema import DeviceSheet
from neuromgd.sheets.problem import describe, line_of
from neuromgd.sheets.scale import si


class Device(NamedTuple):
    """A sheet with where it came from.

    Attributes:
        path: File of the sheet.
        sheet: What it says, in the units of its source.
        tables: (up, down) response of each measured device, in the unit of the sheet.
        digest: Hash of the content of all its files, for records.
    """

    path: Path
    sheet: DeviceSheet
    tables: tuple[tuple[lookup.Response, lookup.Response], ...]
    digest: str

    def cell(self) -> Cell:
        """Returns the cell that the sheet describes, in weight units and SI."""
        return cell(self.sheet, self.tables, str(self.path))

    @property
    def conductance_per_weight(self) -> float | None:
        """Conductance of one weight unit [S]; None: the sheet has no window of conductance."""
        named = {"conductance_max", "resistance_on"} & self.sheet.quantities.keys()
        return 1 / scale_of(self.sheet).per_signal if named else None


def load(name: str) -> Device:
    """Reads a device sheet.

    Args:
        name: Name of a sheet that ships, or path of a ``.toml`` file.

    Raises:
        InputError: If it cannot be found, read or used; the message names the first problem by
            file, line and key.
    """
    path = library.locate("devices", name)
    complaints = check(path)
    if complaints:
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        raise InputError(complaints[0] + more)
    sheet = msgspec.convert(library.sheet(path), DeviceSheet)
    names = (sheet.tables.up, sheet.tables.down) if sheet.tables else ([], [])
    tables = tuple(
        (lookup.read(lookup.beside(path, up)), lookup.read(lookup.beside(path, down)))
        for up, down in zip(*names, strict=True)
    )
    files = [path, *(lookup.beside(path, name) for side in names for name in side)]
    content = b"\0".join(disk.read(file, library.LARGEST) for file in files)
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Device(path, sheet, tables, digest)


def read_voltages(name: str) -> tuple[float | None, float | None]:
    """Returns the voltage of a reading, and that from which on cells bend [V]; None: not given."""
    sheet = load(name).sheet
    of = lambda key: si(sheet, key) if key in sheet.quantities else None
    return of("read_voltage"), of("conduction_voltage")


def check(path: Path) -> list[str]:
    """Returns every problem of a sheet, each as ``file:line: key: reason``; none: it can be used.

    Raises:
        InputError: If the file cannot be read as TOML at all.
    """
    data = library.sheet(path)
    text = library.text(path)
    found = sorted(problems(path, data), key=lambda problem: line_of(text, problem.key))
    return [describe(path, text, problem) for problem in found]


def schema() -> dict[str, Any]:
    """Returns the JSON schema of a device sheet, for editors."""
    from neuromgd.sheets.quantities import KINDS

    tree = msgspec.json.schema(DeviceSheet)
    definitions = tree["$defs"]
    for definition in definitions.values():
        # From Python 3.13 on docstrings come without the indentation of their class.
        definition["description"] = cleandoc(definition["description"])
    for group, part in (("quantities", "Quantity"), ("valid", "Range")):
        table = definitions["DeviceSheet"]["properties"][group]
        table["additionalProperties"] = False
        table["properties"] = {
            name: {
                "allOf": [{"$ref": f"#/$defs/{part}"}],
                "description": f"{kind.meaning} [{' or '.join(kind.dimensions)}]",
            }
            for name, kind in KINDS.items()
        }
    table = definitions["DeviceSheet"]["properties"]["choices"]
    table["additionalProperties"] = False
    table["properties"] = {
        name: {
            "allOf": [{"$ref": "#/$defs/Chosen"}],
            "properties": {"value": {"enum": [str(word) for word in choice.words]}},
            "description": choice.text,
        }
        for name, choice in CELL_CHOICES.items()
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Device", **tree}
