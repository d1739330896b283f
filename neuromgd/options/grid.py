"""The grid of a sweep: every combination of the values of some options."""

import itertools
from pathlib import Path
from typing import Any

import msgspec
import msgspec.toml

from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.read import checked

# Sections whose numbers change no shape: one compiled program serves them all.
SECTIONS = ("array", "bus", "device", "synapse", "transfer")
OTHERS = ("learning.rate",)

# Holds the axes in the folder of a sweep; the folder of a run of one technology has none.
FILE = "sweep.toml"


def axes(over: list[str]) -> dict[str, list[str]]:
    """Reads ``name=value,value,…`` once for every axis.

    Raises:
        InputError: If one cannot be read, or names what cannot be swept.
    """
    found: dict[str, list[str]] = {}
    for text in over:
        name, equals, values = text.partition("=")
        name = name.strip().replace("-", "_")
        listed = [value.strip() for value in values.split(",") if value.strip()]
        if not equals or not listed:
            raise InputError(f"option over = {text!r}: expected NAME=VALUE,VALUE,…")
        if name.partition(".")[0] not in SECTIONS and name not in OTHERS:
            raise InputError(
                f"option over = {text!r}: numbers of {', '.join(SECTIONS)} and"
                f" {', '.join(OTHERS)} can be swept"
            )
        if name in found:
            raise InputError(f"option over = {text!r}: {name} is swept already")
        found[name] = listed
    if not found:
        raise InputError("option over: give at least one, such as device.write_noise=0,0.01,0.03")
    return found


def axes_of(folder: Path) -> list[str]:
    """Returns the axes of the sweep in a run folder, as they were given.

    Raises:
        InputError: If they cannot be read.
    """
    path = folder / FILE
    try:
        return msgspec.toml.decode(path.read_bytes(), type=dict[str, list[str]])["over"]
    except (OSError, msgspec.DecodeError, KeyError) as error:
        raise InputError(f"{path}: not the axes of a sweep: {error}") from error


def grid(config: Config, along: dict[str, list[str]]) -> list[tuple[dict[str, float], Config]]:
    """Returns the swept values and the configuration of every point.

    Raises:
        InputError: If a name is no number of the configuration, or a value is not allowed.
    """
    points = []
    for combination in itertools.product(*along.values()):
        given = dict(zip(along, combination, strict=True))
        tree = msgspec.to_builtins(config)
        for name, value in given.items():
            _set(tree, name, value)
        try:
            point = msgspec.convert(tree, Config, strict=False)
        except msgspec.ValidationError as error:
            raise InputError(f"option over {given}: {error}") from None
        read = {name: float(_get(msgspec.to_builtins(point), name)) for name in given}
        points.append((read, checked(point, "option over")))
    return points


def _set(tree: dict[str, Any], name: str, value: str) -> None:
    section, _, key = name.partition(".")
    if key not in tree[section]:
        raise InputError(f"option over {name}: there is no such number in {section}")
    try:
        tree[section][key] = float(value)
    except ValueError:
        raise InputError(f"option over {name} = {value!r}: expected a number") from None
    if tree[section][key].is_integer():
        # A number of bits is whole; msgspec takes a whole number for any other kind as well.
        tree[section][key] = int(tree[section][key])


def _get(tree: dict[str, Any], name: str) -> Any:
    section, _, key = name.partition(".")
    return tree[section][key]
