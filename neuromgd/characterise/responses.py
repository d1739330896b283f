"""Tables of the measured steps, for the lookup law: what to do where no law fits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd.characterise.curve import Data
from neuromgd.errors import InputError
from neuromgd.sheets.lookup import Response, mean_change

Vector = NDArray[np.float64]
# Points of the CDF; bins of conductance, at most and to so many steps.
_CDF = (np.arange(9) + 0.5) / 9
_BINS_MAX, _STEPS_A_BIN, _NEAREST = 16, 6, 5
_FOLLOWED = 20_000


class Measured(NamedTuple):
    """The steps of one device.

    Attributes:
        up: Table of upward pulses, in the unit of the data.
        down: Of downward ones.
        read: σ of a reading that the steps show: neighbours swing against each other.
        deviation: Largest deviation of the mean curve of the tables from the data.
        row: Where it is.
    """

    up: Response
    down: Response
    read: float
    deviation: float
    row: int


def responses(data: Data) -> Measured:
    """Sorts the measured steps by conductance.

    Raises:
        InputError: If a direction is missing, or has too few steps.
    """
    step = np.diff(data.conductance)
    is_pulsed = data.pulses != 0
    is_pulsed[[start - 1 for start in data.starts[1:]]] = False
    sides: dict[int, tuple[Vector, Vector, Vector]] = {}
    for way in (1, -1):
        chosen = is_pulsed & (np.sign(data.pulses) == way)
        if np.count_nonzero(chosen) < _NEAREST:
            name = "upward" if way > 0 else "downward"
            raise InputError(f"{data.path}: a lookup table needs at least {_NEAREST} {name} pulses")
        count = np.abs(data.pulses[chosen]).astype(float)
        sides[way] = data.conductance[:-1][chosen], step[chosen] / count, count
    read = _read_noise(data, step, is_pulsed)
    low, high = float(data.conductance.min()), float(data.conductance.max())
    up, down = (_table(*sides[way], read, low, high) for way in (1, -1))
    deviation, row = _deviation(data, up, down)
    return Measured(up, down, read, deviation, row)


def _read_noise(data: Data, step: Vector, is_pulsed: NDArray[np.bool_]) -> float:
    """Returns σ of a reading from neighbours in one direction, whose changes it anticorrelates."""
    same = is_pulsed[:-1] & is_pulsed[1:] & (np.sign(data.pulses[:-1]) == np.sign(data.pulses[1:]))
    smooth = step - np.convolve(np.pad(step, 3, "edge"), np.ones(7) / 7, "valid")
    if np.count_nonzero(same) < _NEAREST:
        return 0.0
    # The running mean takes (1 − 1/7)² … of the covariance: −r² becomes −r²(1 − 1/7).
    return float(max(-np.mean(smooth[:-1][same] * smooth[1:][same]), 0.0)) ** 0.5


def _table(
    at: Vector, change: Vector, count: Vector, read: float, low: float, high: float
) -> Response:
    bins = int(np.clip(len(at) // _STEPS_A_BIN, 2, _BINS_MAX))
    nodes = np.linspace(low, high, bins)
    width = (high - low) / (bins - 1) / 2
    columns: list[Vector] = []
    for node in nodes:
        near = np.argsort(np.abs(at - node))
        inside = int(np.count_nonzero(np.abs(at - node) <= width))
        chosen = near[: max(inside, min(_NEAREST, len(near)))]
        own, mean = change[chosen], change[chosen].mean()
        # Noise of the readings is no noise of the pulses.
        variance, false = own.var(), 2 * read**2 * np.mean(1 / count[chosen] ** 2)
        shrink = np.sqrt(max(variance - false, 0.0) / variance) if variance > 0 else 0.0
        columns.append(np.quantile(mean + shrink * (own - mean), _CDF))
    return Response(nodes, _CDF, np.stack(columns, axis=1))


def _deviation(data: Data, up: Response, down: Response) -> tuple[float, int]:
    """Follows the mean steps of the tables along the pulses of the data."""
    means = {1: (up.conductance, mean_change(up)), -1: (down.conductance, mean_change(down))}
    if np.abs(data.pulses).sum() > _FOLLOWED:
        return float("nan"), 0
    low, high = float(up.conductance[0]), float(up.conductance[-1])
    x, worst, row = float(data.conductance[0]), 0.0, 0
    starts = frozenset(data.starts)
    for k, pulses in enumerate(data.pulses.tolist(), 1):
        if k in starts:
            x = float(data.conductance[k])
            continue
        for _ in range(abs(pulses)):
            x = min(max(x + float(np.interp(x, *means[1 if pulses > 0 else -1])), low), high)
        if abs(x - data.conductance[k]) > worst:
            worst, row = abs(x - float(data.conductance[k])), k
    return worst, row
