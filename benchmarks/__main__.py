"""Runs the benchmarks: ``python -m benchmarks [GROUP or CASE …]``."""

import importlib
from dataclasses import dataclass
from pathlib import Path

import tyro

from benchmarks.group import Wanted
from benchmarks.report import as_json, show

# Group -> (module, function). A group is one line here.
GROUPS: dict[str, tuple[str, str]] = {
    "network": ("benchmarks.network", "run"),
    "parity": ("benchmarks.small", "parity"),
    "nist": ("benchmarks.small", "nist7x7"),
    "ensemble": ("benchmarks.ensemble", "run"),
    "size": ("benchmarks.size", "run"),
    "memory": ("benchmarks.memory", "run"),
    "start": ("benchmarks.start", "run"),
}


@dataclass(frozen=True)
class Options:
    """Measures how fast the simulator is, against the least work that it could do."""

    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """Groups, or cases as GROUP.CASE; all if none is given."""
    rounds: int = 9
    """Turns that the cases of a group take."""
    quick: bool = False
    """Three rounds of a third of the length: to see that everything runs."""
    json: Path | None = None
    """File for the numbers, to compare with later ones."""


def main() -> None:
    """Measures what is asked for; shows a table."""
    options = tyro.cli(Options, prog="python -m benchmarks")
    outcomes = {}
    for group, (module, function) in GROUPS.items():
        cases = frozenset(n.partition(".")[2] for n in options.names if n.startswith(f"{group}."))
        if options.names and group not in options.names and not cases:
            continue
        rounds, share = (3, 1 / 3) if options.quick else (options.rounds, 1.0)
        wanted = Wanted(frozenset() if group in options.names else cases, rounds, share)
        outcomes[group] = getattr(importlib.import_module(module), function)(wanted)
        show(group, outcomes[group])
    if options.json:
        options.json.write_text(as_json(outcomes))


if __name__ == "__main__":
    main()
