"""``neuromgd devices fit``: a measured curve becomes a sheet, or a line that says why not."""

from pathlib import Path

import numpy as np

from neuromgd.characterise.curve import Measurement, read
from neuromgd.characterise.fit import CONFIDENCE, Fit
from neuromgd.characterise.noise import CONFIDENCE as EACH
from neuromgd.characterise.noise import Interval
from neuromgd.characterise.responses import responses
from neuromgd.characterise.sheet import sheet, table_names, tables, write
from neuromgd.characterise.spread import Technology, technology
from neuromgd.characterise.verdict import DETERMINATION_MIN
from neuromgd.cli.files import written
from neuromgd.errors import InputError


def fit(
    path: Path,
    out: Path,
    law: str | None = None,
    unit: str | None = None,
    read_voltage: float | None = None,
) -> Technology | None:
    """Fits a measured file, prints how well, and writes the sheet.

    Args:
        path: The file.
        out: The sheet.
        law: To be fitted, or ``lookup``; None: the one that fits best.
        unit: Of the readings, over what their headings say.
        read_voltage: At which currents were read [V].

    Returns:
        The fits; None where tables were written.

    Raises:
        InputError: If the file is not understood, or no law describes it.
    """
    if read_voltage is not None and not 1e-9 <= abs(read_voltage) <= 1e3:
        raise InputError(f"option read-voltage = {read_voltage}: 1e-9 to 1e3 V")
    measured = read(path, unit, read_voltage)
    for note in measured.notes:
        print(note)
    if law == "lookup":
        _tabulate(path, out, measured)
        return None
    found = technology(measured.devices, law)
    for one in found.fits:
        _report(one)
    for one in found.fits:
        _refuse(one, law)
    _print_numbers(found)
    write(out, sheet(out.stem, found))
    print(f"written to {out}")
    return found


def draw(found: Technology, name: str, path: Path) -> None:
    """Draws the data of each device under its fitted curve.

    Raises:
        InputError: If the figure cannot be written.
    """
    from neuromgd.plots.device import Conductance
    from neuromgd.plots.fit import fit as figure

    for number, one in enumerate(found.fits):
        own = path if number == 0 else path.with_stem(f"{path.stem}_{number + 1}")
        low, high = (one.numbers[key][0] for key in ("conductance_min", "conductance_max"))
        half, middle = (high - low) / 2, (high + low) / 2
        axis = None
        if one.unit != "1":
            axis = Conductance(middle, half, f"conductance [{one.unit}]")
        given = np.concatenate([[0], np.cumsum(np.abs(one.data.pulses))])
        weight, curve = ((g - middle) / half for g in (one.data.conductance, one.curve))
        title = " ".join(part for part in (f"{name}: {one.law}", one.data.device) if part)
        shown = (title, own, given, weight, curve, axis)
        written("option figure", own, lambda _, shown=shown: figure(*shown))
        print(f"written to {own}")


def _tabulate(path: Path, out: Path, measured: Measurement) -> None:
    if measured.devices[0].unit == "1":
        raise InputError(f"{path}: a lookup table needs conductances, not normalised values")
    found = tuple(responses(data) for data in measured.devices)
    for data, one in zip(measured.devices, found, strict=True):
        span = float(data.conductance.max() - data.conductance.min())
        print(
            f"{_named(data.device)}tables of the measured steps: their mean curve is off by up to"
            f" {one.deviation:.3g} {data.unit} ({one.deviation / span:.1%} of the range), at"
            f" {_place(data.lines, one.row)}; read noise {one.read:.3g} {data.unit}"
        )
    write(out, tables(out.stem, measured.devices, found), found)
    files = [name for pair in table_names(out.stem, len(found)) for name in pair]
    print(f"written to {out}, {', '.join(files)}")


def _report(one: Fit) -> None:
    name = _named(one.data.device)
    tried = ", ".join(f"{law} {value:.0f}" for law, value in one.criteria.items())
    print(f"{name}law {one.law} (Bayesian information criterion: {tried})")
    print(f"{name}R² {one.determination:.5f}, residual {one.residual:.4g} {one.unit}")
    verdict = one.verdict
    if verdict.is_systematic:
        print(f"{name}what is left is more than noise: {_far(one)}")
    else:
        print(f"{name}what is left looks like noise")


def _refuse(one: Fit, law: str | None) -> None:
    """Refuses a law that does not describe the curve, unless it was asked for."""
    is_hopeless = one.determination < DETERMINATION_MIN
    if one.verdict.is_met or (law is not None and not is_hopeless):
        return
    ways = "--law lookup writes tables of the measured steps instead"
    if not is_hopeless:
        ways += f", --law {one.law} takes it as it is"
    raise InputError(
        f"{one.data.path}: {_named(one.data.device)}no law fits: {one.law}, the nearest, is"
        f" {_far(one)}, R² {one.determination:.3f}; {ways}"
    )


def _far(one: Fit) -> str:
    verdict = one.verdict
    pulses = int(abs(one.data.pulses[: verdict.row]).sum())
    return (
        f"off by {verdict.deviation:.3g} {one.unit} ({verdict.share:.1%} of the range) at"
        f" {_place(one.data.lines, verdict.row)}, after {pulses} pulses"
    )


def _print_numbers(found: Technology) -> None:
    unit = found.fits[0].unit
    print(f"parameters, ± all at once with {CONFIDENCE:.0%} confidence:")
    for name, (value, interval) in found.numbers.items():
        print(f"  {name} = {value:.5g} ± {interval:.2g}")
    print(f"noise, each with {EACH:.0%} confidence:")
    print(f"  read_noise = {_shown(found.read)} {unit}")
    if found.cycle[0] > 0:
        print(f"  cycle_noise = {_shown(found.cycle)} of a pulse's own change")
    else:
        print(f"  cycle_noise: none is seen, below {found.cycle[2]:.2g}")
    for name, interval in found.spreads.items():
        print(f"  {name} = {_shown(interval)} between {len(found.fits)} devices")


def _shown(interval: Interval) -> str:
    return f"{interval[0]:.4g} ({interval[1]:.3g} to {interval[2]:.3g})"


def _named(device: str) -> str:
    return f"{device}: " if device else ""


def _place(lines: tuple[int, ...], row: int) -> str:
    return f"line {lines[row]}" if lines else f"row {row + 1}"
