"""From files and options to a checked configuration: defaults < file < command line."""

import math
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from neuromgd.errors import InputError
from neuromgd.options.checks import refuse_without_effect
from neuromgd.options.config import IDEAL, Config
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.instrument import refuse_simulated
from neuromgd.options.modes import words_of
from neuromgd.preset import is_preset, plain
from neuromgd.sheets import library
from neuromgd.sheets.library import convert, table
from neuromgd.stamp import is_stamped, refuse_newer, write_stamped
from neuromgd.timing import load

# Of a run folder.
FILE = "config.toml"

# Stands in a file for a number that is not there, where the default chip has one.
NONE = "none"


def base(is_ideal: bool, has_sheet: bool = False) -> Config:
    """Returns the configuration that files and options change, with plain numbers.

    Args:
        is_ideal: Whether effects are absent unless they are given.
        has_sheet: Whether the memory cell is a sheet's, not the default one.
    """
    if is_ideal:
        return IDEAL
    return settled(Config(device=IDEAL_CELL) if has_sheet else Config())


def named(given: str) -> Path:
    """Returns the file of a configuration: one that ships, by its name, or a path.

    Args:
        given: ``fefet_jerry2017`` for that recipe, or the path of any file.
    """
    path = Path(given)
    if given in library.names("recipes") and not path.exists():
        return library.folder("recipes") / f"{given}.toml"
    return path


def from_file(path: Path) -> Config:
    """Reads a configuration file over the defaults.

    Raises:
        InputError: If the file cannot be read, or a key or value in it is not allowed.
    """
    return checked(as_given(path), str(path))


def write_config(folder: Path, config: Config) -> None:
    """Writes what a run is into its folder; a new run of the same can be made of it.

    Raises:
        OSError: If it cannot be written.
    """
    write_stamped(folder / FILE, to_toml(msgspec.structs.replace(config, out=None)))


def as_given(path: Path) -> Config:
    """Reads a configuration file, with presets where it gives no number.

    A run writes all its numbers: in its file those of the default chip are presets again.

    Raises:
        InputError: If it cannot be read, or a key or value in it is not allowed.
    """
    text = library.text(path)
    refuse_newer(path, text)
    given = table(path)
    if isinstance(given.get("device"), str):
        given["device"] = {"sheet": given["device"]}
    for section, names in _presets().items():
        part = given.get(section)
        if isinstance(part, dict):
            given[section] = {
                name: None if name in names and value == NONE else value
                for name, value in part.items()
            }
    config = convert(path, given, Config)
    return unsettled(config) if is_stamped(text) else config


def unsettled(config: Config) -> Config:
    """Returns a settled configuration with the numbers of the default chip as nobody's again.

    So a sheet that is given next brings its own, and an ideal chip has none. Beside a sheet, or on
    an ideal chip, a number that is there was given.
    """
    if config.ideal or config.engine == "instrument":
        return config
    default, parts = Config(), {}
    for section, names in _presets().items():
        part = getattr(config, section)
        if section == "device" and config.device.sheet is not None:
            continue
        usual = {name: getattr(getattr(default, section), name) for name in names}
        same = {n: value for n, value in usual.items() if getattr(part, n) == value}
        parts[section] = msgspec.structs.replace(part, **same)
    return msgspec.structs.replace(config, **parts)


def settled(config: Config) -> Config:
    """Returns the configuration with what stands where nobody gave a number.

    An ideal chip has none of the effects of the default chip, an instrument has its own, and a
    memory cell of a sheet has none of those of the default cell.
    """

    def of(part: Any, is_absent: bool) -> Any:
        numbers = {name: getattr(part, name) for name in part.__struct_fields__}
        return msgspec.structs.replace(part, **{
            name: None if is_absent else plain(value)
            for name, value in numbers.items() if is_preset(value)
        })  # fmt: skip

    is_ideal = config.ideal or config.engine == "instrument"
    has_sheet = config.device.sheet is not None
    return msgspec.structs.replace(
        config,
        synapse=of(config.synapse, is_ideal),
        device=of(config.device, is_ideal or has_sheet),
        bus=of(config.bus, is_ideal),
    )


def to_toml(config: Config) -> str:
    """Returns a file that gives this very configuration again."""
    import msgspec.toml  # needs a writer, which the standard library lacks

    tree = _without_none(msgspec.to_builtins(config))
    # TOML has no null: what the default chip has and this one lacks is said by a word.
    again = settled(Config(ideal=config.ideal, engine=config.engine, device=config.device))
    for section, names in _presets().items():
        for name in names:
            if name not in tree[section] and getattr(getattr(again, section), name) is not None:
                tree[section][name] = NONE
    return msgspec.toml.encode(tree).decode()


def _presets() -> dict[str, list[str]]:
    """Returns, by section, the numbers that the default chip has where nobody gives one."""
    default = Config()
    return {
        section: [f for f in part.__struct_fields__ if is_preset(getattr(part, f))]
        for section in default.__struct_fields__
        if isinstance(part := getattr(default, section), msgspec.Struct)
    }


def checked(config: Config, where: str = "option", is_whole: bool = True) -> Config:
    """Returns the configuration if it can be run, settled.

    Args:
        config: What was read.
        where: What to name in a complaint.
        is_whole: Whether no more options come to it, so that it must fit together.

    Raises:
        InputError: If a value is out of range, two options contradict each other, or one of them
            has no effect.
    """
    config = settled(config)
    try:
        config = msgspec.convert(msgspec.to_builtins(config), Config)
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        name = key.strip("`").removeprefix("$.")
        value = _lookup(msgspec.to_builtins(config), name)
        raise InputError(f"{where} {name} = {value!r}: {reason}{_allowed(name)}") from None
    for name, value in _leaves(msgspec.to_builtins(config)):
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{where} {name} = {value}: must be a finite number")
    if is_whole:
        _check_agreement(config, where)
        refuse_without_effect(with_platform(config), where)
    return config


def _allowed(name: str) -> str:
    """Returns which words an option takes, as the end of a complaint; "": it takes no word."""
    kind: Any = Config
    for key in name.split("."):
        kind = typing.get_type_hints(kind).get(key) if isinstance(kind, type) else None
    choices = [kind, *typing.get_args(kind)]
    words = [
        w for one in choices if typing.get_origin(one) is Literal for w in typing.get_args(one)
    ]
    return f"; there are {', '.join(words)}" if words else ""


def with_platform(config: Config) -> Config:
    """Returns the configuration with the converters that its platform has: one sheet, both sides.

    What the options say stands over the sheet, and an ideal chip takes nothing but time from it.
    """
    if config.platform is None or config.ideal:
        return config
    platform = load(config.platform)
    array = msgspec.structs.replace(
        config.array,
        dac_bits=config.array.dac_bits or platform.dac_bits,
        adc_bits=config.array.adc_bits or platform.adc_bits,
    )
    return msgspec.structs.replace(config, array=array)


def _check_agreement(config: Config, where: str) -> None:
    words_of(config.learning.mode, where)
    lengths = [name for name in ("steps", "windows", "epochs") if getattr(config, name)]
    if len(lengths) > 1:
        raise InputError(f"{where} {' and '.join(lengths)}: give the length of the run once")
    taus = [n for n in ("tau_sample", "tau_perturbation", "tau_update") if getattr(config, n)]
    if config.batch and taus:
        raise InputError(f"{where} batch and {taus[0]}: give a batch or the three taus, not both")
    low, high = config.device.weight_min, config.device.weight_max
    if (low is None) != (high is None) and config.device.sheet is None:
        raise InputError(f"{where} device.weight_min and device.weight_max: give both or none")
    if low is not None and high is not None and not low < high:
        raise InputError(f"{where} device.weight_min = {low}: must be below weight_max = {high}")
    if config.shard_arrays and config.chips > 1:
        raise InputError(f"{where} shard_arrays: cuts the arrays of one chip; give chips = 1")
    if config.synapse.perturbation_element == "cell" and config.bus.cost_difference == "exact":
        raise InputError(
            f"{where} bus.cost_difference = 'exact': a kick that is written to the cells is no"
            " limit of small ones; use 'finite'"
        )
    if config.bus.cost_difference == "exact" and (config.array.dac_bits or config.array.adc_bits):
        raise InputError(
            f"{where} bus.cost_difference = 'exact': a converter's steps have no slope;"
            " use 'finite', or no array.dac_bits and array.adc_bits"
        )
    if config.baseline and config.engine not in ("window", config.baseline):
        raise InputError(f"{where} engine: backpropagation has no timesteps")
    if (config.baseline or config.engine) == "backprop" and config.platform:
        raise InputError(f"{where} platform: times a chip that learns, not backpropagation")
    if config.engine == "instrument":
        refuse_simulated(config, where)


def _without_none(tree: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if value is not None
    }


def _leaves(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _lookup(tree: Any, name: str) -> Any:
    for key in re.sub(r"\[.*?\]", "", name).split("."):
        tree = tree[key] if isinstance(tree, dict) else tree
    return tree
