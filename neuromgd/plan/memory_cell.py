"""From options and a device sheet to the memory cell that is simulated."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from neuromgd.cell_numbers import DIE
from neuromgd.device.laws import LAWS
from neuromgd.device.laws.law import Law
from neuromgd.device.laws.lookup import tabulate
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.device.threshold import weight_step
from neuromgd.errors import InputError
from neuromgd.options.cell import chosen_cell, sheets_of
from neuromgd.options.config import Config
from neuromgd.options.device import DeviceConfig
from neuromgd.sheets.device import load
from neuromgd.typing import Leaf


class MemoryCell(NamedTuple):
    """A technology: how its cells move, and its numbers."""

    law: Law
    params: DeviceParams
    is_pair: bool


def cell_of(options: DeviceConfig) -> MemoryCell:
    """Returns the cell of the sheet, with the options over it, or that of the options alone.

    Raises:
        InputError: If the sheet cannot be used, or an option is outside its range.
    """
    cell, is_pair = chosen_cell(options)
    # What is programmed and verified is not pulsed: its law is never asked.
    law = LAWS["ideal"] if cell.law == "program_verify" else LAWS[cell.law]
    tables = tabulate(cell.tables) if cell.tables else None
    params = cell_params(cell.numbers, tables, cell.choices)
    if params.refresh_upper is not None and not is_pair:
        raise InputError(
            "option device.refresh_upper: a cell that only rises needs a partner to fall; allowed"
            " with device.is_pair = true"
        )
    refuse_shares(cell.numbers)
    return MemoryCell(law, params, is_pair)


def refuse_shares(numbers: Mapping[str, Any]) -> None:
    """Raises InputError if the parts of a spread that cells have in common are more than all."""
    shares = [float(numbers[name] or 0) for name in DIE if name in numbers]
    if sum(shares) > 1 + 1e-6:
        raise InputError(f"option device: {', '.join(DIE)} sum to {sum(shares):g}, allowed up to 1")


def refuse_without_time(
    device: DeviceParams, seconds: float | None, option: str = "device"
) -> None:
    """Raises InputError if cells change with time, but no clock says how fast it passes."""
    timed = (
        device.drift_exponent,
        device.leak_time,
        device.telegraph_high_time,
        device.relaxation_noise,
    )
    if seconds is None and any(number is not None for number in timed):
        raise InputError(
            f"option {option}: its cells change in seconds; give --platform, or"
            " --device.seconds-per-timestep"
        )


def refuse_without_writes(cell: MemoryCell, full: Leaf | None) -> None:
    """Raises InputError if a residue saturates before it is large enough to be written.

    Args:
        cell: That it is written to.
        full: Where it saturates [w.u.]; None: nowhere.
    """
    device, step = cell.params, weight_step(*cell)
    least = 0.0 if step is None else float(step) / 2
    if device.write_threshold is not None:
        least = max(least, float(device.write_threshold))
    if device.write_threshold_pulses is not None and step is not None:
        least = max(least, float(device.write_threshold_pulses * step))
    if full is not None and float(full) < least:
        raise InputError(
            f"option synapse.residue_range = {float(full):g}: a residue would never reach the"
            f" {least:g} w.u. from which on it is written"
        )


def has_own_read_noise(device: DeviceParams) -> bool:
    """Tells whether the σ of a reading depends on what the cell holds."""
    return device.read_noise_relative is not None or device.flicker_noise is not None


def has_one_read_noise(cells: Sequence[MemoryCell]) -> bool:
    """Tells whether a reading of a weight has one σ in all arrays."""
    return len({None if (noise := uniform_read_noise(one, 1.0)) is None else float(noise)
                for one in cells}) == 1  # fmt: skip


def uniform_read_noise(cell: MemoryCell, weight_scale: float) -> Leaf | None:
    """Returns the σ of a reading that all weights share [network weight], or None."""
    if cell.params.read_noise is None or has_own_read_noise(cell.params):
        return None
    # Half the difference of two independent readings.
    return cell.params.read_noise * (weight_scale / 2**0.5 if cell.is_pair else weight_scale)


def wire_drop(config: Config) -> float | None:
    """Returns the resistance of a piece of wire times the conductance of 1 w.u. [1/w.u.].

    Raises:
        InputError: If nothing says how much a cell conducts.
    """
    resistance, conductance = config.array.ir_drop, config.array.cell_conductance
    if resistance is None:
        return None
    if conductance is None:
        sheets = sheets_of(config.device)
        known = {None if one is None else load(one).conductance_per_weight for one in sheets}
        if len(known) > 1:
            raise InputError(
                "option array.ir_drop: 1 w.u. of one array conducts another than that of another;"
                " give array.cell_conductance [S] for all"
            )
        conductance = known.pop()
    if conductance is None:
        raise InputError(
            "option array.ir_drop: needs array.cell_conductance [S], or a device sheet that has a"
            " window of conductance"
        )
    return resistance * conductance


def warming(config: Config, cells: Sequence[MemoryCell], windows: int) -> float | None:
    """Returns what the temperature of the chip changes by in a window [K].

    Raises:
        InputError: If it does not begin at one temperature.
    """
    end = config.device.temperature_end
    known = {float(c.params.temperature) for c in cells if c.params.temperature is not None}
    if end is None or not known:
        return None
    if len(known) > 1:
        told = ", ".join(f"{one:g}" for one in sorted(known))
        raise InputError(
            f"option device.temperature_end: its cells hold at {told} K, and a run that warms"
            " begins at one temperature; give device.temperature, or sheets that hold at the same"
        )
    return (end - known.pop()) / windows
