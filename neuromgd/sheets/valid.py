"""Numbers that a sheet's model does not hold for, and those no chip can compute with."""

from collections.abc import Mapping

from neuromgd.errors import InputError
from neuromgd.sheets.device_schema import DeviceSheet
from neuromgd.sheets.scale import Number, factor, scale_of

# What a chip can compute with in float32, squared.
_LARGEST = 1e18


def refuse_outside(sheet: DeviceSheet, numbers: Mapping[str, Number], where: str) -> None:
    """Refuses numbers outside the range in which the sheet's model holds.

    Raises:
        InputError: Names file, key, what was given and what is allowed.
    """
    scale = scale_of(sheet)
    for name, valid in sheet.valid.items():
        given = numbers.get(name)
        one = factor(valid.unit, scale)
        low, high = one * valid.low, one * valid.high
        slack = 1e-6 * max(abs(low), abs(high))
        if isinstance(given, float) and not low - slack <= given <= high + slack:
            raise InputError(
                f"{where}: {name}: {given:.6g} is outside its valid range {low:.6g} to {high:.6g}"
                f" ({valid.where})"
            )


def refuse_huge(numbers: Mapping[str, Number], where: str) -> None:
    """Refuses numbers that a chip cannot compute with.

    Raises:
        InputError: Names file, key, what was given and what is allowed.
    """
    for name, number in numbers.items():
        for value in number if isinstance(number, tuple) else (number,):
            if not abs(value) <= _LARGEST:
                raise InputError(
                    f"{where}: {name}: comes to {value:.6g} on the weight, allowed are"
                    f" magnitudes up to {_LARGEST:g}"
                )
