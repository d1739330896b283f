"""Published image sets: from a folder of IDX or parquet files, or from the Hugging Face hub."""

import io
import os
import socket
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.idx import read_idx
from neuromgd.data.task import Source
from neuromgd.errors import InputError


class ImageSet(NamedTuple):
    """What is known of a published set of images, and where it is to be had.

    Attributes:
        name: Of the task, and of its folder.
        repository: On the hub.
        image: Column of the images.
        label: Column of the class numbers.
        shape: Of one image.
        sizes: Samples for training and for testing.
    """

    name: str
    repository: str
    image: str
    label: str
    shape: tuple[int, ...]
    sizes: tuple[int, int]


# Every set here has ten.
_CLASSES = 10

# Part of the set -> start of the names of its IDX files.
_IDX = {"train": "train", "test": "t10k"}


def load(known: ImageSet, source: Source) -> Dataset:
    """Loads a published set of ten classes of images.

    Args:
        known: Which.
        source: Its ``data_dir``, else the environment variable NEUROMGD_DATA, else the hub.

    Raises:
        InputError: If a file is damaged, or neither way leads to the data.
    """
    root = source.data_dir or os.environ.get("NEUROMGD_DATA")
    folder = Path(root) / known.name if root else None
    if folder is not None and folder.is_dir():
        parts = [_from_folder(folder, known, part) for part in _IDX]
    elif source.data_dir is not None:
        raise InputError(f"option data_dir = '{root}': has no folder {known.name!r}")
    else:
        parts = _from_hub(known)
    (train_x, train_y), (test_x, test_y) = (
        _verified(known, part, size, *arrays)
        for part, size, arrays in zip(_IDX, known.sizes, parts, strict=True)
    )
    return checked(
        Dataset(known.name, train_x, train_y, test_x, test_y, 1 / 255, _CLASSES, _CLASSES)
    )


def _from_folder(folder: Path, known: ImageSet, part: str) -> tuple[np.ndarray, np.ndarray]:
    def find(kind: str) -> Path | None:
        names = (f"{_IDX[part]}-{kind}-ubyte", f"{_IDX[part]}-{kind}-ubyte.gz")
        return next((folder / name for name in names if (folder / name).is_file()), None)

    images, labels = find("images-idx3"), find("labels-idx1")
    if images is not None and labels is not None:
        return read_idx(images), read_idx(labels)
    tables = sorted(folder.rglob(f"{part}*.parquet"))
    if not tables:
        raise InputError(
            f"{folder}: has neither {_IDX[part]}-images-idx3-ubyte[.gz] with its labels"
            f" nor {part}*.parquet"
        )
    return _from_parquet(tables, known)


def _from_parquet(tables: list[Path], known: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    images, labels = [], []
    for path in tables:
        try:
            table = pq.read_table(path, columns=[known.image, known.label])
            for cell in table[known.image].to_pylist():
                images.append(np.asarray(Image.open(io.BytesIO(cell["bytes"]))))
        except (OSError, pa.ArrowException, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{path}: cannot be read as images and labels: {reason}") from error
        labels += table[known.label].to_pylist()
    return _stacked(known, images), _numbers(known, labels)


def _from_hub(known: ImageSet) -> list[tuple[np.ndarray, np.ndarray]]:
    if not _is_online():
        # The client then looks in its cache at once, where it would retry for half a minute.
        os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()
    try:
        sets: Any = datasets.load_dataset(known.repository)
        return [
            (
                _stacked(known, [np.asarray(image) for image in sets[part][known.image]]),
                _numbers(known, list(sets[part][known.label])),
            )
            for part in _IDX
        ]
    except InputError:
        raise
    except Exception as error:  # the hub's client fails in too many ways to name
        raise InputError(
            f"{known.name}: {known.repository!r} cannot be fetched from the Hugging Face hub"
            f" ({type(error).__name__}); set --data-dir or NEUROMGD_DATA to a folder with"
            f" {known.name}/ (IDX or parquet files), or try --task digits"
        ) from error


def _is_online() -> bool:
    hub = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    try:
        socket.getaddrinfo(hub.hostname, hub.port or 443)
    except OSError:
        return False
    return True


def _stacked(known: ImageSet, images: list[np.ndarray]) -> np.ndarray:
    for number, image in enumerate(images):
        if image.shape != known.shape or image.dtype != np.uint8:
            raise InputError(
                f"{known.name}: image {number} has shape {image.shape} of {image.dtype},"
                f" expected {known.shape} of uint8"
            )
    return np.stack(images) if images else np.empty((0, *known.shape), np.uint8)


def _numbers(known: ImageSet, labels: list) -> np.ndarray:
    for number, label in enumerate(labels):
        if label not in range(_CLASSES):
            raise InputError(
                f"{known.name}: label {number} is {label!r}, expected 0 to {_CLASSES - 1}"
            )
    return np.asarray(labels, np.int32)


def _verified(
    known: ImageSet, part: str, size: int, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if x.shape != (size, *known.shape) or y.shape != (size,):
        raise InputError(
            f"{known.name}: {part} set has images {x.shape} and labels {y.shape},"
            f" expected {(size, *known.shape)} and {(size,)}"
        )
    return x.astype(np.uint8), y.astype(np.int32)
