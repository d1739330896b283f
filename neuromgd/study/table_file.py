"""A table as a file: parquet, with format and checksum of its rows beside its columns."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd import disk
from neuromgd.errors import InputError

# Of the tables of sweeps and gradients; 1 had no checksum.
FORMAT = 2

_KEY = b"neuromgd"


def write_rows(path: Path, rows: list[dict[str, Any]], columns: pa.Schema | None = None) -> None:
    """Writes a table, whole or not at all.

    Args:
        path: Of the file.
        rows: Name -> value, the same names in each.
        columns: Their kinds; None: as the values are.

    Raises:
        OSError: If it cannot be written.
    """
    table = pa.Table.from_pylist(rows, columns)
    mark = {"format": FORMAT, "rows": len(rows), "sha256": _digest(table.to_pylist())}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({_KEY: json.dumps(mark).encode()}), sink)
    disk.write(path, sink.getvalue().to_pybytes())


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Reads a table.

    Raises:
        InputError: If there is none, or it is not what was written.
    """
    if not path.is_file() or path.is_symlink():
        raise InputError(f"{path}: cannot be read: no such file")
    try:
        with pq.ParquetFile(path) as file:
            mark = json.loads((file.schema_arrow.metadata or {}).get(_KEY, b"null"))
            if not isinstance(mark, dict) or file.metadata.num_rows != mark.get("rows"):
                raise InputError(f"{path}: of another format than {FORMAT}, or damaged")
            rows = file.read().to_pylist()
    except InputError:
        raise
    except Exception as error:  # a damaged table fails its reader in too many ways to name
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if mark.get("format") != FORMAT or _digest(rows) != mark.get("sha256"):
        raise InputError(f"{path}: is not what was written (its checksum differs)")
    return rows


def _digest(rows: list[dict[str, Any]]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row).encode() + b"\n")
    return digest.hexdigest()
