"""The scale on which what a sheet tells of becomes a weight.

A weight is a linear scale of what is read: w = w_min at the lowest signal and w_max at the
highest, so that a change of the signal is a change of the weight by (w_max − w_min)/(high − low).
"""

from typing import NamedTuple

from neuromgd import units
from neuromgd.errors import InputError
from neuromgd.sheets.device_schema import DeviceSheet

Number = float | tuple[float, ...]


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
    unit = sheet.quantities["update_step"].unit
    return scale._replace(step=factor(unit, scale) * plain(sheet, "update_step"))


def plain(sheet: DeviceSheet, name: str) -> float:
    """Returns one number of the sheet in the unit of its source."""
    value = sheet.quantities[name].value
    if isinstance(value, list):
        raise InputError(f"{name} is a polynomial")
    return value


def si(sheet: DeviceSheet, name: str, default: float | None = None) -> float:
    """Returns one number of the sheet in the SI unit of its dimension."""
    if name not in sheet.quantities and default is not None:
        return default
    return plain(sheet, name) * float(units.unit(sheet.quantities[name].unit).value)


def factor(unit: str, scale: Scale) -> float:
    """Returns weight units to one of a unit on the scale of the weight, else SI units to it."""
    one = units.unit(unit)
    si_units = float(one.value)
    if one.dimension in ("conductance", "current"):
        return si_units * scale.per_signal
    if one.dimension == "pulses" and scale.step is not None:
        return si_units * scale.step
    return si_units


def converted(value: float | list[float], unit: str, scale: Scale) -> Number:
    """Returns a value in weight units if it is on the scale of the weight, else in SI."""
    one = factor(unit, scale)
    if isinstance(value, list):
        return tuple(one * coefficient for coefficient in value)
    return one * value
