"""Where a measured curve turns: which of its pulses went up, and which down."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Vector = NDArray[np.float64]
# Rows on either side that a cubic needs, and one more.
_CUBIC = 5
# A turn stands out by this share of the range, and by so many σ of the noise.
_SHARE, _SIGMAS = 0.15, 6.0


def noise(values: Vector) -> float:
    """Returns σ of white noise about a smooth curve, from its second differences, robustly."""
    if len(values) < 3:
        return 0.0
    bend = np.diff(values, 2)
    return float(np.median(np.abs(bend - np.median(bend))) / 0.6745 / np.sqrt(6))


def signs(values: Vector) -> NDArray[np.int64]:
    """Returns the (rows − 1,) direction, 1 or −1, of the pulses between the rows of a curve.

    It turns where it stands out by a share of its range above what lies on either side.
    """
    direction, rows = turns(values)
    sign = np.full(len(values) - 1, direction)
    for row in rows:
        sign[row:] = -sign[row:]
    return sign


def turns(values: Vector) -> tuple[int, list[int]]:
    """Returns the direction of the first pulses, 1 or −1, and the rows at which a curve turns."""
    span, sigma = float(np.ptp(values)), noise(values)
    is_noisy = len(values) >= 30 and sigma > 0.002 * span
    smooth = np.convolve(np.pad(values, 1, "edge"), np.ones(3) / 3, "valid") if is_noisy else values
    least = max(_SHARE * span, _SIGMAS * sigma)
    tops = signal.find_peaks(smooth, prominence=least)[0] if span > 0 else np.zeros(0, np.int64)
    bottoms = signal.find_peaks(-smooth, prominence=least)[0] if span > 0 else tops
    rough = sorted([(int(row), 1) for row in tops] + [(int(row), -1) for row in bottoms])
    if not rough:
        ends = max(1, min(3, len(values) // 2))
        return (1 if values[-ends:].mean() >= values[:ends].mean() else -1), []
    rows: list[int] = []
    for place, (row, top) in enumerate(rough):
        after = rough[place - 1][0] if place else 0
        before = rough[place + 1][0] if place + 1 < len(rough) else len(values) - 1
        rows.append(after + _turn(top * values[after : before + 1], row - after))
    return rough[0][1], rows


def _turn(values: Vector, near: int) -> int:
    """Returns the row of the top: a cubic on either side leaves least there."""
    rows, reach = np.arange(len(values)), max(10, len(values) // 20)
    candidates = range(max(_CUBIC, near - reach), min(len(rows) - _CUBIC, near + reach + 1))
    if near not in candidates:
        first = max(near - 2, 0)
        return first + int(np.argmax(values[first : near + 3]))

    def left_over(turn: int) -> float:
        sides = (slice(None, turn + 1), slice(turn, None))
        return sum(
            float(np.sum((np.polyval(line, rows[side] - turn) - values[side]) ** 2))
            for side in sides
            for line in [np.polyfit(rows[side] - turn, values[side], 3)]
        )

    return min(candidates, key=left_over)
