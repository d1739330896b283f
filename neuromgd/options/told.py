"""What a run takes that nobody asked for."""

from neuromgd.options.config import Config
from neuromgd.options.read import base
from neuromgd.sheets.platform import load


def notes(config: Config) -> list[str]:
    """Returns a sentence for a platform without a device: which cells and converters are trained.

    Args:
        config: What is run, with the converters of its platform.
    """
    if config.platform is None or config.device.sheet is not None or config.ideal:
        return []
    is_default = config.device == base(False).device
    cells = "default cells" if is_default else "cells as the options say"
    own = " or ".join(f"--device {sheet}" for sheet in load(config.platform).devices)
    theirs = f"those of its own technology are {own}" if own else "no device sheet is of its own"
    return [f"platform {config.platform}: trains {cells}, {theirs}; {_converters(config)}"]


def _converters(config: Config) -> str:
    array = config.array
    if array.adc_bits is None:
        return "its arrays are read without converters"
    adc = f"{array.adc_bits}-bit ADCs"
    if array.adc_range is not None:
        return f"{adc} up to {array.adc_range:g}"
    return f"{adc}, their ranges set by first readings and kicks large enough for their steps"
