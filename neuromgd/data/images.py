"""Published image sets: from a folder of IDX or parquet files, or from the Hugging Face hub."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from neuromgd.data import hub
from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.idx import checksum, read_idx
from neuromgd.data.parquet import read_parquet
from neuromgd.data.pixels import class_numbers, pixels
from neuromgd.data.task import Source
from neuromgd.errors import InputError

CLASSES = 10

# Part of the set -> start of the names of its IDX files.
_IDX = {"train": "train", "test": "t10k"}


class ImageSet(NamedTuple):
    """What is known of a published set of images of ten classes, and where it is to be had.

    Attributes:
        name: Of the task, and of its folder.
        repository: On the hub.
        image: Column of the images.
        label: Column of the class numbers.
        shape: Of one image.
        sizes: Samples for training and for testing.
        checksums: Name of an IDX file -> SHA-256 of what it holds, unpacked. Tables need none:
            every picture in them carries its own.
    """

    name: str
    repository: str
    image: str
    label: str
    shape: tuple[int, ...]
    sizes: tuple[int, int]
    checksums: Mapping[str, str] = {}


def load(known: ImageSet, source: Source) -> Dataset:
    """Loads a published set.

    Args:
        known: Which.
        source: Its ``data_dir``, else the environment variable NEUROMGD_DATA, else the hub.

    Raises:
        InputError: If a file is damaged, or neither way leads to the data.
    """
    root = source.data_dir or os.environ.get("NEUROMGD_DATA")
    folder = Path(root) / known.name if root else None
    if folder is not None and folder.is_dir():
        where, parts = str(folder), [_from_folder(folder, known, part) for part in _IDX]
    elif source.data_dir is not None:
        raise InputError(
            f"option data_dir = '{root}': has no folder {known.name!r} with IDX or parquet files"
        )
    else:
        where, parts = known.repository, _from_hub(known, folder)
    for part, size, (x, y) in zip(_IDX, known.sizes, parts, strict=True):
        if x.shape != (size, *known.shape) or y.shape != (size,):
            raise InputError(
                f"{where}: {part} set has images {x.shape} and labels {y.shape},"
                f" expected {(size, *known.shape)} and {(size,)}"
            )
    (train_x, train_y), (test_x, test_y) = parts
    return checked(
        Dataset(known.name, train_x, train_y, test_x, test_y, 1 / 255, CLASSES, outputs=CLASSES)
    )


def _from_folder(folder: Path, known: ImageSet, part: str) -> tuple[np.ndarray, np.ndarray]:
    image_name, label_name = (
        f"{_IDX[part]}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")
    )
    images, labels = _find(folder, image_name), _find(folder, label_name)
    if images is not None and labels is not None:
        x, y = _genuine(known, images), _genuine(known, labels)
        if y.max(initial=0) >= CLASSES:
            raise InputError(f"{labels}: label {y.max()}, expected 0 to {CLASSES - 1}")
        return x, y.astype(np.int32)
    # The hub's own files are train-00000-of-00001.parquet, those it converts train/0000.parquet.
    tables = sorted({*folder.rglob(f"{part}*.parquet"), *folder.rglob(f"{part}/*.parquet")})
    if not tables:
        raise InputError(
            f"{folder}: has neither {image_name}[.gz] with {label_name}[.gz] nor {part}*.parquet"
        )
    read = [read_parquet(path, known.image, known.label, known.shape, CLASSES) for path in tables]
    x, y = zip(*read, strict=True)
    return np.concatenate(x), np.concatenate(y)


def _find(folder: Path, name: str) -> Path | None:
    return next((path for end in ("", ".gz") if (path := folder / (name + end)).is_file()), None)


def _genuine(known: ImageSet, path: Path) -> np.ndarray:
    values = read_idx(path)
    published = known.checksums.get(path.name.removesuffix(".gz"))
    if published is not None and checksum(values) != published:
        raise InputError(
            f"{path}: not the published file: SHA-256 of its content {checksum(values)},"
            f" expected {published}"
        )
    return values


def _from_hub(known: ImageSet, folder: Path | None) -> list[tuple[np.ndarray, np.ndarray]]:
    try:
        tables = hub.fetch(known.repository)
    except Exception as error:  # the hub's client fails in too many ways to name
        tried = f"there is no folder {folder} and " if folder else ""
        raise InputError(
            f"{known.name}: {tried}{known.repository!r} cannot be fetched from the Hugging Face hub"
            f" ({type(error).__name__}); set --data-dir or NEUROMGD_DATA to a folder with"
            f" {known.name}/ (IDX or parquet files), or try --task digits"
        ) from error
    try:
        return [
            (
                np.stack([pixels(picture, known.shape) for picture in tables[part][known.image]]),
                class_numbers(list(tables[part][known.label]), CLASSES),
            )
            for part in _IDX
        ]
    except (KeyError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{known.repository}: what the hub sent cannot be used: {reason}"
        ) from error
