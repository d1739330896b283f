"""The points of a sweep: every combination of the values of its axes, or a design within them."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
import tomli_w

from neuromgd.errors import InputError
from neuromgd.options.axes import Axis, Span, Value, axes, rounded
from neuromgd.options.catalogue import catalogue
from neuromgd.options.config import Config
from neuromgd.options.read import checked, with_platform
from neuromgd.preset import is_preset
from neuromgd.sheets.library import convert, table
from neuromgd.stamp import refuse_changed

# Holds the axes in the folder of a sweep; the folder of a run of one technology has none.
FILE = "sweep.toml"
# Points of a sweep; more is a slip of the finger.
MOST = 100_000

Kind = Literal["grid", "random", "sobol"]


class Design(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which points a sweep has.

    Attributes:
        over: Its axes, as they were given.
        kind: grid: every combination; random, sobol: so many points within the axes.
        points: Number of points of a random or Sobol design.
        target: Of the metric, for the yield; None: no yield is asked for.
    """

    over: list[str]
    kind: Kind = "grid"
    points: int | None = None
    target: float | None = None


class Point(NamedTuple):
    """One point of a sweep.

    Attributes:
        values: Name -> value of every option that is swept.
        config: What is run there.
    """

    values: dict[str, Value]
    config: Config


class LeftOut(NamedTuple):
    """A point with a sheet that cannot be run, and why."""

    values: dict[str, Value]
    reason: str


def points(config: Config, design: Design) -> tuple[list[Point], list[LeftOut]]:
    """Returns the points of a sweep, each checked by itself: the base alone need not be runnable.

    Args:
        config: What all points have in common, as it was given.
        design: Axes, and what is chosen along them.

    Returns:
        The points; and those that are left out, with a sheet of a set that cannot be run.

    Raises:
        InputError: If a value is not allowed, or nothing is left.
    """
    along = axes(design.over)
    found, left_out = [], []
    for values in _places(along, design, config.seed):
        try:
            found.append(Point(values, at(config, values)))
        except InputError as error:
            if not any(axis.is_set for axis in along):
                raise
            left_out.append(LeftOut(values, str(error)))
    if not found:
        raise InputError(f"option over: no point can be run; the first: {left_out[0].reason}")
    return found, left_out


def at(config: Config, values: dict[str, Value]) -> Config:
    """Returns the configuration of a point, checked, with the converters of its platform.

    Raises:
        InputError: If it cannot be run.
    """
    return checked(with_platform(checked(changed(config, values), "option over")), "option over")


def changed(config: Config, values: Mapping[str, Value]) -> Config:
    """Returns a configuration with other values; what nobody gave stays a preset."""
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        if section:
            part = msgspec.structs.replace(getattr(config, section), **{key: value})
            config = msgspec.structs.replace(config, **{section: part})
        else:
            config = msgspec.structs.replace(config, **{key: value})
    return config


def _places(along: list[Axis], design: Design, seed: int) -> list[dict[str, Value]]:
    """Returns the values at every point."""
    if design.kind == "grid":
        if design.points is not None:
            raise InputError("option points: of a random or sobol design; a grid has its own")
        for axis in along:
            if any(isinstance(values, Span) for values in axis.values):
                raise InputError(
                    f"option over {axis.names[0]}: a grid needs the number of values,"
                    " lin:FIRST:LAST:NUMBER; or give --design sobol or random"
                )
        if np.prod([float(len(axis)) for axis in along]) > MOST:
            raise InputError(f"option over: a grid of more than {MOST:,} points")
        every = itertools.product(*(range(len(axis)) for axis in along))
        return [values_at(along, [(place + 0.5) / len(axis) for place, axis in
                            zip(places, along, strict=True)]) for places in every]  # fmt: skip
    if not design.points or not 0 < design.points <= MOST:
        raise InputError(f"option points: a {design.kind} design needs its number of points")
    if design.kind == "random":
        shares = np.random.default_rng(seed).random((design.points, len(along)))
    else:
        from scipy.stats import qmc  # takes longer to import than a command to tell its help

        # Powers of two are balanced; fewer are the first of them.
        whole = int(np.ceil(np.log2(design.points)))
        shares = qmc.Sobol(len(along), rng=seed).random_base2(whole)[: design.points]
    return [values_at(along, row) for row in shares.tolist()]


def values_at(along: list[Axis], shares: Sequence[float]) -> dict[str, Value]:
    """Returns the values at shares of the way along the axes."""
    found: dict[str, Value] = {}
    for axis, share in zip(along, shares, strict=True):
        for name, values in zip(axis.names, axis.values, strict=True):
            if isinstance(values, Span):
                found[name] = rounded(values.at(share), catalogue()[name])
            else:
                found[name] = values[min(int(share * len(values)), len(values) - 1)]
    return found


def to_text(design: Design, config: Config) -> str:
    """Returns what a folder keeps of a sweep: its design, and what all points have in common.

    TOML has no null: what is absent although the default chip has it is listed by name.
    """
    given, absent = _given(config, Config(), "")
    kept = {k: v for k, v in msgspec.to_builtins(design).items() if v is not None}
    return tomli_w.dumps({"design": kept, "absent": absent, "given": given})


def _given(part: Any, default: Any, prefix: str) -> tuple[dict[str, Any], list[str]]:
    found, absent = {}, []
    for name in part.__struct_fields__:
        value, usual = getattr(part, name), getattr(default, name)
        if isinstance(value, msgspec.Struct):
            inside, missing = _given(value, usual, f"{prefix}{name}.")
            found |= {name: inside} if inside else {}
            absent += missing
        elif value is None:
            absent += [prefix + name] if usual is not None else []
        elif (not is_preset(value) and value != usual) or (
            is_preset(usual) and not is_preset(value)
        ):
            found[name] = value
    return found, absent


def kept(folder: Path) -> tuple[Design, Config]:
    """Returns the design of the sweep in a run folder, and what its points have in common.

    Raises:
        InputError: If they cannot be read.
    """
    path = folder / FILE
    refuse_changed(path)
    return from_text(path, table(path))


def from_text(path: Path, whole: dict[str, Any]) -> tuple[Design, Config]:
    """Returns what a file keeps of a sweep: its design, and what its points have in common.

    Raises:
        InputError: If that is not what it holds.
    """
    if not isinstance(whole.get("design"), dict) or not isinstance(whole.get("given"), dict):
        raise InputError(f"{path}: not the axes of a sweep")
    design = convert(path, whole["design"], Design, "design")
    config = convert(path, whole["given"], Config, "given")
    absent: dict[str, Value] = dict.fromkeys(whole.get("absent", []))
    return design, changed(config, {name: None for name in absent if name in catalogue()})
