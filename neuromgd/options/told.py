"""What a run takes that nobody asked for."""

from pathlib import Path

from neuromgd.options.cell import sheets_of
from neuromgd.options.config import Config
from neuromgd.options.read import base
from neuromgd.sheets.platform import load


def notes(config: Config) -> list[str]:
    """Returns a sentence for a platform without its own cells: what is trained, what is priced.

    Args:
        config: What is run, with the converters of its platform.
    """
    if config.platform is None or config.ideal:
        return []
    if config.device.sheet is not None:
        return [one for one in (misfit(config),) if one]
    is_default = config.device == base(False).device
    cells = "default cells" if is_default else "cells as the options say"
    own = " or ".join(f"--device {sheet}" for sheet in load(config.platform).devices)
    theirs = f"those of its own technology are {own}" if own else "no device sheet is of its own"
    return [f"platform {config.platform}: trains {cells}, {theirs}; {_converters(config)}"]


def misfit(config: Config) -> str | None:
    """Returns why memory cells and platform do not belong together; None: they may."""
    if config.platform is None:
        return None
    own = load(config.platform).devices
    sheets = dict.fromkeys(Path(one).stem for one in sheets_of(config.device) if one is not None)
    foreign = [sheet for sheet in sheets if sheet not in own]
    if not own or not foreign:
        return None
    return (
        f"platform {config.platform}: made for {' or '.join(own)}, not for {' and '.join(foreign)}:"
        " what it says of a write is of those cells"
    )


def _converters(config: Config) -> str:
    array = config.array
    if array.adc_bits is None:
        return "its arrays are read without converters"
    adc = f"{array.adc_bits}-bit ADCs"
    if array.adc_range is not None:
        return f"{adc} up to {array.adc_range:g}"
    return f"{adc}, their ranges set by first readings and kicks large enough for their steps"
