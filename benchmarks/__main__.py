"""Runs the benchmarks: ``python -m benchmarks [GROUP or CASE …]``."""

import importlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import tyro

from benchmarks.document import document
from benchmarks.group import Wanted
from benchmarks.report import numbers, show
from neuromgd.cores import use_cores

# Group -> (module, function). A group is one line here.
GROUPS: dict[str, tuple[str, str]] = {
    "network": ("benchmarks.network", "run"),
    "recurrent": ("benchmarks.recurrent", "run"),
    "parity": ("benchmarks.small", "parity"),
    "nist": ("benchmarks.small", "nist7x7"),
    "ensemble": ("benchmarks.ensemble", "run"),
    "size": ("benchmarks.size", "run"),
    "memory": ("benchmarks.memory", "run"),
    "start": ("benchmarks.start", "run"),
    "target": ("benchmarks.target", "run"),
    "clock": ("benchmarks.clock", "run"),
    "guards": ("benchmarks.guards", "run"),
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
    """File for the numbers, every round of them."""
    against: Path | None = None
    """Such a file of another time: its medians are shown beside."""
    document: bool = False
    """Renew the tables and the figure of docs/performance.md, and docs/performance.json."""


def main() -> None:
    """Measures what is asked for; shows a table."""
    options = tyro.cli(Options, prog="python -m benchmarks")
    use_cores()
    earlier = json.loads(options.against.read_text()) if options.against else None
    outcomes = {}
    refuse_unknown(options.names)
    for group, (module, function) in GROUPS.items():
        cases = frozenset(n.partition(".")[2] for n in options.names if n.startswith(f"{group}."))
        if options.names and group not in options.names and not cases:
            continue
        rounds, share = (3, 1 / 3) if options.quick else (options.rounds, 1.0)
        wanted = Wanted(frozenset() if group in options.names else cases, rounds, share)
        outcome = getattr(importlib.import_module(module), function)(wanted)
        outcomes[group] = outcome._replace(load=os.getloadavg()[0])
        show(group, outcomes[group], earlier)
        if options.document:
            document(numbers({group: outcomes[group]}))
    if options.json:
        options.json.write_text(json.dumps(numbers(outcomes), indent=1) + "\n")


def refuse_unknown(names: tuple[str, ...]) -> None:
    """Ends the program if a name is no group, or of none."""
    for name in names:
        if name.partition(".")[0] not in GROUPS:
            raise SystemExit(f"unknown group {name!r}; there are {', '.join(GROUPS)}")


if __name__ == "__main__":
    main()
