"""The letters N, I, S, T on a 7×7 grid: a reconstruction, since the authors' file is not public.

A 5×5 glyph stands at each of its 9 places, with no, one or two of the 49 pixels flipped:
4 · 9 · (1 + 49 + 1176) = 44,136 images, the number that the paper gives. The glyphs are a guess
that makes a linear least-squares classifier reach the 93 % that the paper gives.
"""

from itertools import combinations

import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.task import Source, Task

_GLYPHS = {
    "N": "10001 11001 10101 10011 10001",
    "I": "11111 00100 00100 00100 11111",
    "S": "11111 10000 11111 00001 11111",
    "T": "11111 00100 00100 00100 00100",
}


def load(source: Source) -> Dataset:
    """Draws all images; like the authors, the chip is tested on what it learns from.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023).
    """
    del source
    flips = np.zeros((1 + 49 + 49 * 48 // 2, 49), np.uint8)
    for row, pixels in enumerate([(), *combinations(range(49), 1), *combinations(range(49), 2)]):
        flips[row, list(pixels)] = 1
    clean = np.concatenate([_places(glyph) for glyph in _GLYPHS.values()])
    x = (clean[:, None] ^ flips[None]).reshape(-1, 7, 7)
    y = np.repeat(np.arange(4, dtype=np.int32), 9 * len(flips))
    return Dataset("nist7x7", x, y, x, y, scale=1.0, classes=4, outputs=4)


def _places(glyph: str) -> np.ndarray:
    bitmap = np.array([[int(pixel) for pixel in row] for row in glyph.split()], np.uint8)
    places = np.zeros((3, 3, 7, 7), np.uint8)
    for row in range(3):
        for column in range(3):
            places[row, column, row : row + 5, column : column + 5] = bitmap
    return places.reshape(9, 49)


NIST7X7 = Task(
    load,
    hidden=(4,),
    activation="sigmoid",
    output_activation="sigmoid",
    initial_weights="uniform",
    weight_scale=5.0,
    cost="mse",
    batch=8,
    windows=60_000,
    rate=0.03,
    amplitude=4e-3,
    solved=0.8,
)
