"""A workbook (``.xlsx``) as lines of cells; openpyxl, an extra, reads it."""

import io
import zipfile
from pathlib import Path

from neuromgd import disk
from neuromgd.characterise.text import LARGEST_BYTES, Line
from neuromgd.errors import InputError


def workbook(path: Path) -> list[Line]:
    """Reads the first sheet that holds anything.

    Raises:
        InputError: If openpyxl is not installed, or the file is no workbook.
    """
    try:
        from openpyxl import load_workbook  # pyright: ignore[reportMissingModuleSource]
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path}: to read workbooks, pip install 'neuromgd[xlsx]'; or save it as .csv"
        ) from error
    try:
        content = io.BytesIO(disk.read(path, LARGEST_BYTES))
        with zipfile.ZipFile(content) as packed:
            size = sum(one.file_size for one in packed.infolist())
        if size > 4 * LARGEST_BYTES:
            raise InputError(f"{path}: unpacks to {size:,} bytes, too many")
        book = load_workbook(content, read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = [
                Line(n, cells)
                for n, row in enumerate(sheet.iter_rows(values_only=True), 1)
                if any(cells := _trimmed(tuple(_shown(value) for value in row)))
            ]
            if rows:
                return rows
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: cannot be read as a workbook: {error}") from error
    raise InputError(f"{path}: is empty")


def _shown(value: object) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value).strip()


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
