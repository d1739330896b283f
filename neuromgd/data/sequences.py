"""Sequences of one's own from a folder: one a line, its class or value first.

That is how the UCR archive has them: NAME_TRAIN and NAME_TEST as .tsv, .txt or .csv, split by tabs,
commas or spaces. Labels that are all whole numbers or words are classes, in their order; others
are values.

References:
    Dau et al., "The UCR time series archive", IEEE/CAA J. Autom. Sinica 6, 1293 (2019).
"""

import re
from pathlib import Path

import numpy as np

from neuromgd import disk
from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.task import Source, Task
from neuromgd.errors import InputError

_SPLIT = re.compile(r"\s*[,;\t]\s*|\s+")
_ENDINGS = (".tsv", ".txt", ".csv")

# The largest set of the archive has 130 MB [byte].
LARGEST = 1 << 29


def load(source: Source) -> Dataset:
    """Reads the training and the test file of a folder.

    Raises:
        InputError: If the folder has not one of each, or a line cannot be read.
    """
    folder = source.data_dir
    if folder is None:
        raise InputError(
            "task sequences: reads NAME_TRAIN and NAME_TEST (.tsv, .txt, .csv) of a folder; give"
            " --data-dir FOLDER"
        )
    (train, train_x), (test, test_x) = (_read(_only(folder, part)) for part in ("TRAIN", "TEST"))
    if train_x.shape[1] != test_x.shape[1]:
        raise InputError(
            f"{folder}: training sequences have {train_x.shape[1]} times, test sequences"
            f" {test_x.shape[1]}"
        )
    labels = [*train, *test]
    if not _are_classes(labels):
        train_y, test_y = (np.asarray(some, np.float32) for some in (train, test))
        return checked(
            Dataset("sequences", train_x, train_y, test_x, test_y, 1.0, classes=None, outputs=1)
        )
    known = sorted(set(labels), key=lambda one: (_number(one) is None, _number(one) or 0, one))
    number = {label: at for at, label in enumerate(known)}
    train_y, test_y = (
        np.asarray([number[one] for one in some], np.int32) for some in (train, test)
    )
    count = len(known)
    return checked(Dataset("sequences", train_x, train_y, test_x, test_y, 1.0, count, count))


def _only(folder: Path, part: str) -> Path:
    """Returns the one file of a part."""
    found = sorted(
        path for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix.lower() in _ENDINGS and path.stem.upper().endswith(part)
    )  # fmt: skip
    if len(found) != 1:
        told = ", ".join(path.name for path in found) or "none"
        raise InputError(
            f"{folder}: expected one file NAME_{part} (.tsv, .txt, .csv), found {told}"
        )
    return found[0]


def _read(path: Path) -> tuple[list[str], np.ndarray]:
    """Returns the labels, and (samples, time, 1) float32 signals."""
    labels, rows = [], []
    try:
        lines = disk.read(path, LARGEST).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        label, *values = _SPLIT.split(line.strip())
        try:
            row = [float(value) for value in values]
        except ValueError as error:
            raise InputError(f"{path}, line {number}: {error}") from error
        if not row or (rows and len(row) != len(rows[0])):
            wanted = len(rows[0]) if rows else "some"
            raise InputError(f"{path}, line {number}: {len(row)} values, expected {wanted}")
        labels.append(label)
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: is empty")
    return labels, np.asarray(rows, np.float32)[..., None]


def _number(label: str) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None


def _are_classes(labels: list[str]) -> bool:
    numbers = [_number(label) for label in labels]
    if all(one is None for one in numbers):
        return True
    if None in numbers:
        return len(set(labels)) < len(labels)
    return all(one is not None and one.is_integer() for one in numbers)


SEQUENCES = Task(
    load,
    model="state_space",
    hidden=(32, 32),
    batch=32,
    windows=20_000,
    rate=0.1,
    reads_files=True,
)
