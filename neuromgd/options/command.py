"""The command that runs a configuration again: what of it differs from the defaults, as options."""

import shlex
from typing import Any

import msgspec

from neuromgd.options.axes import ALIASES
from neuromgd.options.config import Config
from neuromgd.options.device import DeviceConfig
from neuromgd.options.exploration import Exploration
from neuromgd.options.grid import Design
from neuromgd.options.read import settled
from neuromgd.options.tolerance import Tolerance

_SHORT = {name: alias for alias, name in ALIASES.items()}


def command(config: Config, verb: str = "train", before: list[str] | None = None) -> str:
    """Returns the command line that gives a configuration again, but for its folder.

    Args:
        config: What is run.
        verb: Name of the command.
        before: Arguments of its own, which come first.

    Example:
        >>> command(Config(task="parity", chips=2))
        'neuromgd train --task parity --chips 2'
    """
    words = ["neuromgd", verb, *(before or [])]
    for name, value in changed_options(config).items():
        words += _flag(name, value)
    return shlex.join(words)


def changed_options(config: Config) -> dict[str, Any]:
    """Returns the options by their dotted names that are not what stands if nobody gives them."""
    sheet = DeviceConfig(sheet=config.device.sheet)
    start = Config(ideal=config.ideal, engine=config.engine, device=sheet)
    usual, now = flat(start), flat(config)
    of_start = {"ideal": False, "engine": Config().engine, "device.sheet": None}
    return {
        name: value for name, value in now.items()
        if name != "out" and value != (usual | of_start)[name]
    }  # fmt: skip


def flat(config: Config) -> dict[str, Any]:
    """Returns all options by their dotted names, as plain values, settled."""
    return dict(_leaves(msgspec.to_builtins(settled(config)), ""))


def differences(configs: list[Config]) -> dict[str, list[Any]]:
    """Returns name -> value in every configuration, of the options in which some differ."""
    each = [flat(config) for config in configs]
    names = [name for name in each[0] if name != "out"]
    found = {name: [one[name] for one in each] for name in names}
    return {
        name: values for name, values in found.items() if any(one != values[0] for one in values)
    }


def sweep_command(config: Config, design: Design) -> str:
    """Returns the command line of a sweep."""
    before = _along(design.over)
    if design.kind != "grid":
        before += ["--design", design.kind, "--points", str(design.points)]
    if design.target is not None:
        before += ["--target", repr(design.target)]
    return command(config, "sweep", before)


def tolerance_command(config: Config, wanted: Tolerance) -> str:
    """Returns the command line of a tolerance search."""
    usual = Tolerance(numbers=[], target=0.0)
    before = [*wanted.numbers, "--target", repr(wanted.target)]
    for option, name in (("yield", "share"), ("rounds", "rounds"), ("places", "places")):
        if getattr(wanted, name) != getattr(usual, name):
            before += [f"--{option}", repr(getattr(wanted, name))]
    return command(config, "tolerate", before + ["--paired"] * wanted.is_paired)


def exploration_command(config: Config, wanted: Exploration) -> str:
    """Returns the command line of an exploration."""
    before = [*_along(wanted.over), "--trials", str(wanted.trials)]
    if wanted.goals is not None:
        before += ["--goals", ",".join(wanted.goals)]
    return command(config, "explore", before + ["--mix"] * wanted.is_mixed)


def _along(over: list[str]) -> list[str]:
    """Returns axes as options."""
    words = []
    for axis in over:
        first, *more = axis.split(" with ")
        words += ["--over", first.strip()]
        for one in more:
            words += ["--with", one.strip()]
    return words


def _leaves(tree: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        found += _leaves(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return found


def _flag(name: str, value: Any) -> list[str]:
    section, _, key = _SHORT.get(name, name).replace("_", "-").rpartition(".")
    prefix = f"--{section}." if section else "--"
    if isinstance(value, bool):
        return [f"{prefix}{key}" if value else f"{prefix}no-{key}"]
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    # What begins with a dash would be taken for an option.
    return [f"{prefix}{key}={text}"] if text.startswith("-") else [f"{prefix}{key}", text]
