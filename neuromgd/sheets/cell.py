"""From a sheet to plain numbers of one memory cell: weight units and SI, converted only here.

A weight is a linear scale of what is read: w = w_min at the lowest signal and w_max at the
highest, so that a change of the signal is a change of the weight by (w_max − w_min)/(high − low).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from neuromgd import units
from neuromgd.errors import InputError
from neuromgd.sheets import neurosim
from neuromgd.sheets.device_schema import DeviceSheet
from neuromgd.sheets.lookup import Response, mean_change
from neuromgd.sheets.quantities import COST, KINDS

_BOLTZMANN = 1.380649e-23
# What a chip can compute with in float32, squared.
_LARGEST = 1e18
# Quantities that are read as they stand, under the name that a cell knows them by.
_SAME = frozenset(KINDS) - frozenset(COST) - {
    "update_asymmetry", "up_down", "update_step", "conductance_min", "conductance_max",
    "current_min", "current_max", "resistance_on", "on_off_ratio", "neurosim_nonlinearity_up",
    "neurosim_nonlinearity_down", "neurosim_cycle_noise", "pulses_up", "pulses_down",
    "weight_min", "weight_max", "drift_activation_energy", "leak_activation_energy",
    "programming_noise_scale", "read_voltage", "temperature",
}  # fmt: skip

Number = float | tuple[float, ...]


class Cell(NamedTuple):
    """What the chip needs to know of one technology.

    Attributes:
        law: Name of its update law; ``program_verify`` if its pulse response is not known.
        numbers: Name of a device parameter -> its value, in weight units and SI.
        tables: (up, down) response of each measured device, on weight [w.u.]; empty: none.
    """

    law: str
    numbers: dict[str, Number]
    tables: tuple[tuple[Response, Response], ...] = ()


class Scale(NamedTuple):
    """How what is read becomes a weight.

    Attributes:
        weights: Lowest and highest weight [w.u.].
        signal: Lowest and highest signal [SI], or None if the sheet tells weights alone.
        step: One pulse at zero weight [w.u.], where the sheet gives it.
    """

    weights: tuple[float, float]
    signal: tuple[float, float] | None
    step: float | None = None

    @property
    def per_signal(self) -> float:
        """Weight units to one SI unit of the signal."""
        if self.signal is None:
            raise InputError("a signal says nothing without a window of conductance or current")
        return (self.weights[1] - self.weights[0]) / (self.signal[1] - self.signal[0])

    @property
    def zero(self) -> float:
        """The weight at which no signal is left [w.u.]."""
        if self.signal is None:
            raise InputError("no weight of zero signal without a window of conductance or current")
        return self.weights[0] - self.signal[0] * self.per_signal


def cell(
    sheet: DeviceSheet, tables: tuple[tuple[Response, Response], ...] = (), where: str = "sheet"
) -> Cell:
    """Converts a sheet.

    Args:
        sheet: As read and checked.
        tables: Its lookup tables, (up, down) each, in the unit of the sheet.
        where: File of the sheet, to name in a complaint.

    Raises:
        InputError: If a converted number is outside the sheet's own valid range.
    """
    scale = scale_of(sheet)
    numbers: dict[str, Number] = {}
    numbers["weight_min"], numbers["weight_max"] = scale.weights
    for name, quantity in sheet.quantities.items():
        if name in _SAME:
            numbers[name] = converted(quantity.value, quantity.unit, scale)
    numbers |= _pulse(sheet, scale) | _retention(sheet, scale)
    if scale.signal is not None:
        numbers["zero_signal_weight"] = scale.zero
    on_weights = tuple((_on_weights(up, sheet, scale), _on_weights(down, sheet, scale))
                       for up, down in tables)  # fmt: skip
    if on_weights:
        numbers["update_step"] = _step_of(on_weights, sum(scale.weights) / 2)
    _refuse_huge(numbers, where)
    refuse_outside(sheet, numbers, where)
    return Cell(sheet.law, numbers, on_weights)


def scale_of(sheet: DeviceSheet) -> Scale:
    """Returns the window of a sheet."""
    low, high = si(sheet, "weight_min", -1.0), si(sheet, "weight_max", 1.0)
    signal = None
    for name in ("conductance", "current"):
        if f"{name}_max" in sheet.quantities:
            signal = si(sheet, f"{name}_min"), si(sheet, f"{name}_max")
    if "resistance_on" in sheet.quantities:
        on = 1 / si(sheet, "resistance_on")
        signal = on / si(sheet, "on_off_ratio"), on
    scale = Scale((low, high), signal)
    if "update_step" not in sheet.quantities:
        return scale
    step = sheet.quantities["update_step"]
    return scale._replace(step=float(converted(step.value, step.unit, scale)))  # type: ignore


def si(sheet: DeviceSheet, name: str, default: float | None = None) -> float:
    """Returns one number of the sheet in the SI unit of its dimension."""
    if name not in sheet.quantities and default is not None:
        return default
    quantity = sheet.quantities[name]
    if isinstance(quantity.value, list):
        raise InputError(f"{name} is a polynomial")
    return quantity.value * float(units.unit(quantity.unit).value)


def converted(value: float | list[float], unit: str, scale: Scale) -> Number:
    """Returns a value in weight units if it is on the scale of the weight, else in SI."""
    one = units.unit(unit)
    factor = float(one.value)
    if one.dimension in ("conductance", "current"):
        factor *= scale.per_signal
    elif one.dimension == "pulses" and scale.step is not None:
        factor *= scale.step
    if isinstance(value, list):
        return tuple(factor * coefficient for coefficient in value)
    return factor * value


def refuse_outside(sheet: DeviceSheet, numbers: Mapping[str, Number], where: str) -> None:
    """Refuses numbers outside the range in which the sheet's model holds.

    Raises:
        InputError: Names file, key, what was given and what is allowed.
    """
    scale = scale_of(sheet)
    for name, valid in sheet.valid.items():
        given = numbers.get(name)
        low, high = (converted(side, valid.unit, scale) for side in (valid.low, valid.high))
        assert isinstance(low, float)
        assert isinstance(high, float)
        slack = 1e-6 * max(abs(low), abs(high))
        if isinstance(given, float) and not low - slack <= given <= high + slack:
            raise InputError(
                f"{where}: {name}: {given:.6g} is outside its valid range {low:.6g} to {high:.6g}"
                f" ({valid.where})"
            )


def _refuse_huge(numbers: Mapping[str, Number], where: str) -> None:
    for name, number in numbers.items():
        for value in number if isinstance(number, tuple) else (number,):
            if not abs(value) <= _LARGEST:
                raise InputError(
                    f"{where}: {name}: comes to {value:.6g} on the weight, allowed are"
                    f" magnitudes up to {_LARGEST:g}"
                )


def _pulse(sheet: DeviceSheet, scale: Scale) -> dict[str, Number]:
    given = sheet.quantities
    if "neurosim_nonlinearity_up" in given:
        return _neurosim(sheet, scale)
    if scale.step is None:
        return {}
    up_down = si(sheet, "up_down", 0.0)
    # up_down shortens the steps of one direction and leaves the other.
    up, down = 1 + min(up_down, 0.0), 1 - max(up_down, 0.0)
    numbers: dict[str, Number] = {"update_step": scale.step * (up + down) / 2}
    if "up_down" in given:
        numbers["update_asymmetry"] = (up - down) / (up + down)
    if "update_asymmetry" in given:
        numbers["update_asymmetry"] = si(sheet, "update_asymmetry")
    return numbers


def _neurosim(sheet: DeviceSheet, scale: Scale) -> dict[str, Number]:
    half = (scale.weights[1] - scale.weights[0]) / 2
    pulses = si(sheet, "pulses_up")
    up = neurosim.step(si(sheet, "neurosim_nonlinearity_up"), pulses)
    down = neurosim.step(
        abs(si(sheet, "neurosim_nonlinearity_down")), si(sheet, "pulses_down", pulses)
    )
    numbers: dict[str, Number] = {
        "update_step": half * (up.step + down.step) / 2,
        "update_asymmetry": (up.step - down.step) / (up.step + down.step),
        "nonlinearity_up": up.nonlinearity,
        "nonlinearity_down": down.nonlinearity,
    }
    if "neurosim_cycle_noise" in sheet.quantities:
        numbers["cycle_noise_absolute"] = 2 * half * si(sheet, "neurosim_cycle_noise")
    return numbers


def _retention(sheet: DeviceSheet, scale: Scale) -> dict[str, Number]:
    given = sheet.quantities
    numbers: dict[str, Number] = {}
    for effect in ("drift", "leak"):
        if f"{effect}_activation_energy" in given:
            energy = si(sheet, f"{effect}_activation_energy")
            numbers[f"{effect}_activation"] = energy / _BOLTZMANN
    if "temperature" in given and numbers:
        numbers["temperature"] = numbers["reference_temperature"] = si(sheet, "temperature")
    if "programming_noise_scale" in given:
        quantity = given["programming_noise_scale"]
        in_weight = converted(quantity.value, quantity.unit, scale)
        assert isinstance(in_weight, float)
        numbers["programming_noise_scale"] = in_weight / (scale.weights[1] - scale.zero)
    return numbers


def _on_weights(table: Response, sheet: DeviceSheet, scale: Scale) -> Response:
    assert sheet.tables is not None
    factor = float(units.unit(sheet.tables.unit).value) * scale.per_signal
    return Response(scale.zero + factor * table.conductance, table.cdf, factor * table.change)


def _step_of(tables: tuple[tuple[Response, Response], ...], weight: float) -> float:
    """Returns the mean size of a pulse at a weight, over devices and directions [w.u.]."""
    steps = [
        abs(np.interp(weight, table.conductance, mean_change(table)))
        for pair in tables
        for table in pair
    ]
    return float(np.mean(steps))
