"""Pictures and class numbers as tables hold them: used only if they are what they must be."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image


def pixels(picture: "Image", shape: tuple[int, ...]) -> np.ndarray:
    """Returns the (*shape) bytes of a picture, (rows, columns) for grey and (…, 3) for colour.

    Raises:
        ValueError: If it has another size, or pixels that are no grey or colour bytes: palettes,
            transparency and 16 bits would else be read as wrong numbers.
    """
    mode = "L" if len(shape) == 2 else "RGB"
    # Before anything is unpacked: a few damaged bytes can claim gigabytes of pixels.
    if picture.size != (shape[1], shape[0]) or picture.mode != mode:
        raise ValueError(
            f"picture of {picture.width}×{picture.height} {picture.mode!r} pixels,"
            f" expected {shape[1]}×{shape[0]} {mode!r}"
        )
    return np.asarray(picture)


def class_numbers(values: list[Any], classes: int) -> np.ndarray:
    """Returns (n,) int32 class numbers.

    Raises:
        ValueError: If one is missing, not a whole number (NaN is none) or out of range.
    """
    for row, value in enumerate(values):
        if not isinstance(value, int) or not 0 <= value < classes:
            raise ValueError(f"row {row}: label {value!r}, expected 0 to {classes - 1}")
    return np.asarray(values, np.int32)
