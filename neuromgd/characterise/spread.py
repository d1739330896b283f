"""Several devices as one technology: the mean of their numbers, and how they spread about it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from neuromgd.characterise.curve import Data
from neuromgd.characterise.fit import CONFIDENCE, LAWS, Fit, fit
from neuromgd.characterise.noise import CONFIDENCE as EACH
from neuromgd.characterise.noise import Interval
from neuromgd.errors import InputError

Vector = NDArray[np.float64]


class Technology(NamedTuple):
    """What a file of one or several devices gives.

    Attributes:
        fits: Of each device, all of one law.
        numbers: Quantity -> mean and half-width of its interval.
        read: σ of a reading: root mean square over the devices, lowest, highest.
        cycle: σ of a pulse over its own change; value 0: none is seen.
        spreads: Quantity of a sheet -> σ between devices, lowest, highest; empty for one device.
    """

    fits: tuple[Fit, ...]
    numbers: dict[str, tuple[float, float]]
    read: Interval
    cycle: Interval
    spreads: dict[str, Interval]


def technology(devices: tuple[Data, ...], law: str | None = None) -> Technology:
    """Fits one or several devices by one law.

    Args:
        devices: Their curves.
        law: One of ``LAWS``; None: the one that fits all of them best.

    Raises:
        InputError: If no law has numbers that a sheet takes.
    """
    fits = [fit(data, law) for data in devices]
    if len({found.law for found in fits}) > 1:
        fits = _alike(devices, fits)
    if len(fits) == 1:
        one = fits[0]
        return Technology((one,), one.numbers, one.read, one.cycle, {})
    count = len(fits)
    factor = stats.t.isf((1 - CONFIDENCE) / (2 * len(fits[0].numbers)), count - 1) / np.sqrt(count)
    table = {key: np.array([one.numbers[key][0] for one in fits]) for key in fits[0].numbers}
    numbers: dict[str, tuple[float, float]] = {}
    for key, values in table.items():
        own = float(np.mean([one.numbers[key][1] ** 2 for one in fits])) / count
        half = float(np.hypot(factor * values.std(ddof=1), own**0.5))
        numbers[key] = float(values.mean()), half
    reads = np.array([one.read for one in fits])
    cycles = np.array([one.cycle for one in fits])
    return Technology(
        tuple(fits), numbers, _together(reads), _together(cycles), _spreads(fits, table)
    )


def _alike(devices: tuple[Data, ...], fits: list[Fit]) -> list[Fit]:
    """Fits all devices by one law: the one of which the criteria sum to least."""
    tried: list[list[Fit]] = []
    for law in LAWS:
        if any(found.law == law for found in fits):
            try:
                tried.append([fit(data, law) for data in devices])
            except InputError:
                continue
    if not tried:
        laws = ", ".join(f"{one.data.device}: {one.law}" for one in fits)
        raise InputError(f"{devices[0].path}: no law takes all devices ({laws}); choose with --law")
    return min(tried, key=lambda some: sum(next(iter(one.criteria.values())) for one in some))


def _together(values: Vector) -> Interval:
    """Returns the root mean square of some σ, with the interval that their own ones leave."""
    square = float(np.mean(values[:, 0] ** 2))
    up = np.sqrt(np.sum((values[:, 2] ** 2 - values[:, 0] ** 2) ** 2)) / len(values)
    down = np.sqrt(np.sum((values[:, 0] ** 2 - values[:, 1] ** 2) ** 2)) / len(values)
    return square**0.5, float(max(square - down, 0.0)) ** 0.5, float(square + up) ** 0.5


def _spreads(fits: list[Fit], table: dict[str, Vector]) -> dict[str, Interval]:
    low, high = table["conductance_min"], table["conductance_max"]
    half = float(np.mean(high - low)) / 2
    steps = table["update_step"] * (high - low) / 2
    errors = {key: np.array([one.numbers[key][1] for one in fits]) / _factor(fits[0])
              for key in table}  # fmt: skip
    step_error = errors["update_step"] * (high - low) / 2
    found = {
        "update_step_spread": spread(steps / steps.mean(), step_error / steps.mean()),
        "weight_min_spread": spread(low / half, errors["conductance_min"] / half),
        "weight_max_spread": spread(high / half, errors["conductance_max"] / half),
    }
    if "update_asymmetry" in table:
        found["update_asymmetry_spread"] = spread(
            table["update_asymmetry"], errors["update_asymmetry"]
        )
    return found


def _factor(one: Fit) -> float:
    return float(stats.t.isf((1 - CONFIDENCE) / (2 * len(one.numbers)), len(one.data.conductance)))


def spread(values: Vector, errors: Vector) -> Interval:
    """Returns the σ between devices and its interval, less what the fits' own errors give.

    Args:
        values: (devices,) a number of each.
        errors: (devices,) σ of its fit.
    """
    freedom = len(values) - 1
    variance, own = float(values.var(ddof=1)), float(np.mean(errors**2))
    tail = (1 - EACH) / 2
    low = variance * freedom / float(stats.chi2.isf(tail, freedom))
    high = variance * freedom / float(stats.chi2.ppf(tail, freedom))
    return max(variance - own, 0.0) ** 0.5, max(low - own, 0.0) ** 0.5, max(high, own) ** 0.5
