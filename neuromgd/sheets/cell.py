"""From a sheet to plain numbers of one memory cell: weight units and SI, converted only here."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from neuromgd.cell_choices import CELL_CHOICES, NO_CHOICES, Choices
from neuromgd.cell_numbers import PROGRAMMING
from neuromgd.needs import CELL_NEEDS, cell_facts, unmet
from neuromgd.sheets import neurosim
from neuromgd.sheets.device_schema import DeviceSheet
from neuromgd.sheets.lookup import Response, mean_change
from neuromgd.sheets.quantities import SAME
from neuromgd.sheets.scale import Number, Scale, converted, factor, plain, scale_of, si
from neuromgd.sheets.valid import refuse_huge, refuse_outside
from neuromgd.words import Joining

_BOLTZMANN = 1.380649e-23
# Quantities that are read as they stand; these say something only together with others.
_SAME = SAME.keys() - {
    "update_asymmetry", "update_step", "weight_min", "weight_max", "programming_noise_scale",
    "temperature",
}  # fmt: skip


class Cell(NamedTuple):
    """What the chip needs to know of one technology.

    Attributes:
        law: Name of its update law; ``program_verify`` if its pulse response is not known.
        numbers: Name of a device parameter -> its value, in weight units and SI.
        tables: (up, down) response of each measured device, on weight [w.u.]; empty: none.
        choices: How its spreads are meant.
    """

    law: str
    numbers: dict[str, Number]
    tables: tuple[tuple[Response, Response], ...] = ()
    choices: Choices = NO_CHOICES


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
    refuse_huge(numbers, where)
    refuse_outside(sheet, numbers, where)
    return Cell(sheet.law, numbers, on_weights, _choices(sheet))


def with_numbers(cell: Cell, numbers: Mapping[str, Number | None]) -> Cell:
    """Returns a cell with other numbers over its own; None leaves an effect out.

    A cell that is pulsed does without the numbers of program-verify that its sheet also gives.
    """
    own = cell.numbers
    if cell.law != "program_verify":
        own = {name: number for name, number in own.items() if name not in PROGRAMMING}
    merged = {**own, **numbers}
    return cell._replace(numbers={n: one for n, one in merged.items() if one is not None})


def effective(cell: Cell) -> dict[str, Number]:
    """Returns the numbers that have an effect on a chip with a clock."""
    cell = with_numbers(cell, {})
    lowest = cell.numbers.get("weight_min")
    is_pair = isinstance(lowest, float) and lowest >= 0
    facts = cell_facts(cell.law, cell.numbers, is_pair, True, bool(cell.tables))
    return {
        name: number
        for name, number in cell.numbers.items()
        if not unmet(CELL_NEEDS, name, number, facts)
    }


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
    if _choices(sheet).asymmetry_joining is Joining.SUM:
        # The source tells what it adds over the longer step, the cell over the mean of the two.
        for name in ("update_step_spread", "update_asymmetry_spread"):
            if name in given:
                numbers[name] = si(sheet, name) * 2 / (up + down)
    if "update_asymmetry" in given:
        numbers["update_asymmetry"] = si(sheet, "update_asymmetry")
    return numbers


def _choices(sheet: DeviceSheet) -> Choices:
    said = {name: CELL_CHOICES[name].words(one.value) for name, one in sheet.choices.items()}
    return Choices(**said)


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
    for effect in ("drift", "leak", "conductance", "step"):
        if f"{effect}_activation_energy" in given:
            energy = si(sheet, f"{effect}_activation_energy")
            numbers[f"{effect}_activation"] = energy / _BOLTZMANN
    is_heated = {"conductance_temperature", "step_temperature"} & given.keys()
    if "temperature" in given and (numbers or is_heated):
        numbers["temperature"] = numbers["reference_temperature"] = si(sheet, "temperature")
    if "programming_noise_scale" in given:
        unit = given["programming_noise_scale"].unit
        in_weight = factor(unit, scale) * plain(sheet, "programming_noise_scale")
        numbers["programming_noise_scale"] = in_weight / (scale.weights[1] - scale.zero)
    return numbers


def _on_weights(table: Response, sheet: DeviceSheet, scale: Scale) -> Response:
    assert sheet.tables is not None
    slope = factor(sheet.tables.unit, scale)
    return Response(scale.zero + slope * table.conductance, table.cdf, slope * table.change)


def _step_of(tables: tuple[tuple[Response, Response], ...], weight: float) -> float:
    """Returns the mean size of a pulse at a weight, over devices and directions [w.u.]."""
    steps = [
        abs(np.interp(weight, table.conductance, mean_change(table)))
        for pair in tables
        for table in pair
    ]
    return float(np.mean(steps))
