"""A fit as a data sheet: what the curves give, and a list of what they do not."""

from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from neuromgd import disk
from neuromgd.characterise.curve import Data
from neuromgd.characterise.fit import CONFIDENCE
from neuromgd.characterise.noise import CONFIDENCE as EACH
from neuromgd.characterise.noise import Interval
from neuromgd.characterise.responses import Measured
from neuromgd.characterise.spread import Technology
from neuromgd.errors import InputError
from neuromgd.sheets import library, lookup
from neuromgd.sheets.device_check import problems
from neuromgd.sheets.quantities import EFFECTS

_CONDUCTANCES = ("conductance_min", "conductance_max")
# They follow from how the law is written down, not from the data.
_CONVENTIONS = ("exponential_slope", "exponential_offset")


def sheet(name: str, found: Technology) -> dict[str, Any]:
    """Returns the sheet of a fitted technology, ready to be written as TOML.

    Args:
        name: Of the sheet.
        found: Fits of its devices.
    """
    one = found.fits[0]
    source = one.data.path.name
    is_normalised = one.unit == "1"
    quantities = {key: _quantity(key, found, source) for key in found.numbers
                  if not (is_normalised and key in _CONDUCTANCES)}  # fmt: skip
    quantities["read_noise"] = _read_noise(found, source)
    if found.cycle[0] > 0:
        quantities["cycle_noise"] = _entry(
            found.cycle[0], "", f"fit to {source}, increments of the readings, {_span(found.cycle)}"
        )
    for key, spread in found.spreads.items():
        if spread[0] > 0 and not (is_normalised and key.startswith("weight_")):
            where = f"between the {len(found.fits)} devices of {source}, {_span(spread)}"
            quantities[key] = _entry(spread[0], "", where)
    return _sheet(name, one.law, source, quantities, _told(found))


def tables(name: str, devices: tuple[Data, ...], measured: tuple[Measured, ...]) -> dict[str, Any]:
    """Returns the sheet of a technology that is known by tables of its measured steps."""
    one, source = devices[0], devices[0].path.name
    low = min(float(data.conductance.min()) for data in devices)
    high = max(float(data.conductance.max()) for data in devices)
    read = float(sum(table.read**2 for table in measured) / len(measured)) ** 0.5
    ends = f"lowest reading of {source}", f"highest reading of {source}"
    quantities = {
        "conductance_min": _entry(max(low, 0.0), one.unit, ends[0], "measured"),
        "conductance_max": _entry(high, one.unit, ends[1], "measured"),
        "read_noise": _entry(read, one.unit, f"covariance of neighbouring steps of {source}"),
    }  # fmt: skip
    entry = _sheet(name, "lookup", source, quantities, [])
    if len(devices) > 1:
        entry["not_modelled"] = [
            line for line in entry["not_modelled"] if not line.startswith("spread")
        ]
    files = table_names(name, len(devices))
    entry["not_modelled"] = [
        line for line in entry["not_modelled"] if not line.startswith("cycle_noise")
    ]
    return entry | {
        "tables": {
            "up": [up for up, _ in files],
            "down": [down for _, down in files],
            "unit": one.unit,
            "basis": "measured",
            "where": f"steps of {source}, sorted by conductance, less the noise of its readings",
        }
    }


def table_names(name: str, devices: int) -> list[tuple[str, str]]:
    """Returns the names of the files of the tables, (up, down) of each device."""
    marks = [""] if devices == 1 else [f"_{number}" for number in range(1, devices + 1)]
    return [(f"{name}{mark}_up.txt", f"{name}{mark}_down.txt") for mark in marks]


def write(path: Path, entry: dict[str, Any], measured: tuple[Measured, ...] = ()) -> None:
    """Writes a sheet, and its tables beside it, if it is one that can be used.

    Raises:
        InputError: If it would be refused, or cannot be written; nothing is then written.
    """
    files = table_names(path.stem, len(measured)) if measured else []
    written = []
    try:
        for (up, down), one in zip(files, measured, strict=True):
            for file, table in ((up, one.up), (down, one.down)):
                lookup.write(path.parent / file, table)
                written.append(path.parent / file)
        wrong = problems(path, entry)
        if wrong:
            for file in written:
                file.unlink()
            raise InputError(f"{path}: no sheet comes of it: {wrong[0].key}: {wrong[0].reason}")
        disk.write(path, tomli_w.dumps(entry).encode())
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error


def _sheet(
    name: str, law: str, source: str, quantities: dict[str, Any], told: list[str]
) -> dict[str, Any]:
    unknown = [
        f"{effect}: one pulse response does not tell it"
        for effect, names in EFFECTS.items()
        if not names & quantities.keys() and not any(line.startswith(f"{effect}:") for line in told)
    ]
    return {
        "format": library.FORMAT,
        "name": name,
        "technology": "fitted to a measured pulse response",
        "law": law,
        "not_modelled": unknown + told,
        "source": {
            "authors": "own measurement",
            "title": source,
            "venue": "unpublished",
            "year": date.today().year,
        },
        "quantities": quantities,
    }


def _told(found: Technology) -> list[str]:
    """Returns what the curves show that the law does not have."""
    told: list[str] = []
    if found.cycle[0] <= 0 and found.cycle[2] < float("inf"):
        below = f"below {found.cycle[2]:.2g} of a pulse's own change ({EACH:.0%})"
        told.append(f"cycle_noise: none is seen, {below}")
    worst = max(found.fits, key=lambda one: one.verdict.share)
    if worst.verdict.is_systematic:
        told.append(
            f"other: the law is off by up to {worst.verdict.deviation:.3g} {worst.unit}"
            f" ({worst.verdict.share:.1%} of the range) at row {worst.verdict.row + 1} of the data"
        )
    for way, name in ((1, "up"), (-1, "down")):
        if not (worst.data.pulses * way > 0).any():
            told.append(f"other: the way {name} was not measured; its steps are taken as constant")
    return told


def _read_noise(found: Technology, source: str) -> dict[str, Any]:
    where = f"fit to {source}, deviation of the readings, {_span(found.read)}"
    unit = found.fits[0].unit
    if unit != "1":
        return _entry(found.read[0], unit, where)
    low, high = (found.numbers[name][0] for name in _CONDUCTANCES)
    return _entry(2 * found.read[0] / (high - low), "w.u.", where)


def _quantity(key: str, found: Technology, source: str) -> dict[str, Any]:
    value, interval = found.numbers[key]
    unit = found.fits[0].unit if key in _CONDUCTANCES else "w.u." if key == "update_step" else ""
    if key in _CONVENTIONS:
        return _entry(value, unit, "by convention of the fit", "derived")
    what = f"fit to {source}" if len(found.fits) == 1 else f"mean of the devices of {source}"
    return _entry(value, unit, f"{what}, ± {interval:.3g} (all at once, {CONFIDENCE:.0%})")


def _entry(value: float, unit: str, where: str, basis: str = "fitted") -> dict[str, Any]:
    return {"value": float(value), "unit": unit, "basis": basis, "where": where}


def _span(interval: Interval) -> str:
    return f"{interval[1]:.3g} to {interval[2]:.3g} ({EACH:.0%})"
