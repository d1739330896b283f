"""Which runs a probe comes before, what is said of it, and what goes on with it after a stop."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import optax
import tomli_w

from neuromgd.chip.design import Design
from neuromgd.errors import InputError, ProbedWarning
from neuromgd.fleet.processes import is_leader
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE, Point, changed
from neuromgd.options.read import from_file
from neuromgd.plan.plan import Parts, Plan, plan
from neuromgd.sheets.library import table
from neuromgd.study.ensemble import grouped, prepared
from neuromgd.study.probe import WINDOWS, Proposal, propose
from neuromgd.synapse.rules.rule import Ready

# A run of fewer windows than so many probes is not worth one.
TIMES = 4
# Of the file that holds the axes of a sweep, the table of what was proposed for its points.
TABLE = "probed"
# What a probe may choose.
CHOSEN = (("learning", "rate"), ("synapse", "amplitude"), ("network", "weight_scale"))
_SILENCE = "give a learning.rate, or probe=False"


def probed(config: Config, parts: Parts, is_resumed: bool, may_probe: bool) -> Config:
    """Returns the configuration of a run, with what a probe proposes where it needs one.

    Args:
        config: What is run, checked.
        parts: What a library user brings.
        is_resumed: Whether the run in the folder goes on, with what it began with.
        may_probe: Whether a run that begins may be probed.
    """
    if not is_asked(config, parts):
        return config
    if is_resumed:
        return _as_begun(config)
    whole = plan(config, parts) if may_probe else None
    if whole is None or whole.windows < TIMES * WINDOWS:
        return config
    found = _found(config, parts, whole, {})
    if found is None:
        return config
    _warn(
        f"a probe of {WINDOWS} windows chose {_told([found])} for a network or rule that the task"
        f" has no numbers for: {found.pace}; {_SILENCE}"
    )
    return changed(config, found.values)


def probed_points(
    points: list[Point], parts: Parts, folder: Path, is_resumed: bool, may_probe: bool
) -> tuple[list[Point], list[dict[str, Any]]]:
    """Returns the points of a sweep, each with what a probe of its own proposes if it needs one.

    Also returns, of each that was probed, its number and the options that were proposed.

    Args:
        points: They.
        parts: What a library user brings.
        folder: Of the sweep.
        is_resumed: Whether the sweep in the folder goes on, with what it began with.
        may_probe: Whether a sweep that begins may be probed.
    """
    path = folder / FILE
    if is_resumed and path.exists():
        rows = table(path).get(TABLE, {}).get("points", [])
    else:
        rows = _proposed(points, parts) if may_probe else []
    found = list(points)
    for row in rows:
        values = {name: value for name, value in row.items() if name != "point"}
        old = points[row["point"]]
        found[row["point"]] = old._replace(config=changed(old.config, values))
    return found, rows


def to_table(rows: list[dict[str, Any]]) -> str:
    """Returns what the file of the axes keeps of what was proposed."""
    return tomli_w.dumps({TABLE: {"points": rows}}) if rows else ""


def _proposed(points: list[Point], parts: Parts) -> list[dict[str, Any]]:
    asked = [number for number, one in enumerate(points) if is_asked(one.config, parts)]
    configs = [points[number].config for number in asked]
    plans = prepared(configs, parts)
    found: dict[int, Proposal] = {}
    for group in grouped(configs, plans):
        designs: dict[float | None, Design] = {}
        for place in group:
            if plans[place].windows < TIMES * WINDOWS:
                continue
            one = _found(configs[place], parts, plans[place], designs)
            if one is not None:
                found[asked[place]] = one
    if found:
        _warn(
            f"a probe of {WINDOWS} windows at each of {len(found)} points chose"
            f" {_told(list(found.values()))} for a network or rule that the task has no numbers"
            f" for; they stand in {FILE}; {_SILENCE}"
        )
    return [{"point": number} | found[number].values for number in sorted(found)]


def _found(
    config: Config, parts: Parts, whole: Plan, designs: dict[float | None, Design]
) -> Proposal | None:
    """Returns what a probe proposes; None: nothing, which is told."""
    try:
        return propose(config, parts, whole, designs)
    except InputError as error:
        _warn(f"a probe of {WINDOWS} windows chose nothing: {error}; what the task has stands")
        return None


def _told(every: Sequence[Proposal]) -> str:
    """Returns the options that were proposed, with the range of each over several probes."""
    parts = []
    for name in dict.fromkeys(name for one in every for name in one.values):
        values = sorted({one.values[name] for one in every if name in one.values})
        ends = " to ".join(f"{value:.3g}" for value in dict.fromkeys((values[0], values[-1])))
        parts.append(f"{name} = {ends}")
    return ", ".join(parts)


def _warn(text: str) -> None:
    if is_leader():
        warnings.warn(text, ProbedWarning, stacklevel=4)


def is_asked(config: Config, parts: Parts) -> bool:
    """Tells whether a run has a network or rule of its own, and no rate for it."""
    has_own_rule = parts.rule is not None
    brings_rate = isinstance(parts.rule, optax.GradientTransformation | Ready)
    is_simulated = config.engine in ("window", "step") and not config.baseline
    return (
        (parts.network is not None or has_own_rule)
        and not brings_rate
        and is_simulated
        and config.learning.rate is None
        and config.learning.rates is None
        and not config.shard_arrays
    )


def _as_begun(config: Config) -> Config:
    """Returns the configuration with what the probe chose when the run in the folder began."""
    path = Path(str(config.out)) / "config.toml"
    if not path.exists():
        return config
    begun, values = from_file(path), {}
    for section, key in CHOSEN:
        own = getattr(getattr(begun, section), key)
        if own is not None and getattr(getattr(config, section), key) is None:
            values[f"{section}.{key}"] = own
    return changed(config, values)
