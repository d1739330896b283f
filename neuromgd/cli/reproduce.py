"""``neuromgd reproduce``: published numbers beside the project's own."""

import json
from dataclasses import dataclass
from typing import Annotated

import tyro

from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.sheets import library
from neuromgd.timing.targets import TARGETS, Comparison, published, reproduce


@dataclass
class Options:
    """Sets published numbers beside the project's own; ``list`` names them.

    ``all`` does those of the clock, ``learning`` those of chips that learn, minutes each.
    """

    target: Annotated[str, tyro.conf.Positional] = "all"
    """A target, or list, all or learning."""
    json: bool = False
    """Prints one JSON list instead of a table."""


def main(arguments: list[str]) -> None:
    """Runs the command."""
    options = parse(Options, "reproduce", arguments)
    learning = library.table(library.folder("targets") / "learning.toml")
    if options.target == "list":
        for name, facts in (published() | learning).items():
            print(f"{name:<4} {facts['title']} ({facts['independence']}, {facts['kind']})")
        return
    every = {"all": list(TARGETS), "learning": list(learning)}
    if options.target not in (*TARGETS, *learning, *every):
        known = ", ".join(("list", *every, *TARGETS, *learning))
        raise InputError(f"target: read {options.target!r}, allowed are {known}")
    names = every.get(options.target, [options.target])
    comparisons = [one for name in names for one in worked_out(name)]
    print(as_json(comparisons) if options.json else table(comparisons))


def worked_out(name: str) -> list[Comparison]:
    """Returns what one target comes to."""
    if name in TARGETS:
        return reproduce(name)
    from neuromgd.study.published import reproduce as run  # JAX is imported here, not for the clock

    return [run(name)]


def as_json(comparisons: list[Comparison]) -> str:
    """Returns the comparisons as a JSON list."""
    return json.dumps(
        [
            {
                "target": one.target, "what": one.what, "ours": one.ours, "theirs": one.theirs,
                "unit": one.unit, "ratio": one.ratio, "holds": one.holds,
                **{key: one.facts[key] for key in
                   ("tolerance", "independence", "kind", "source", "note")},
            }
            for one in comparisons
        ]
    )  # fmt: skip


def table(comparisons: list[Comparison]) -> str:
    """Returns the comparisons as a table with a heading for each target."""
    lines: list[str] = []
    for before, one in zip([None, *comparisons], comparisons, strict=False):
        facts = one.facts
        if before is None or before.target != one.target:
            lines += [
                "",
                f"{one.target}  {facts['title']}",
                f"    {facts['kind']}; {facts['independence']}; tolerance "
                f"{100 * facts['tolerance']:g} %; {facts['note']}",
                f"    {facts['source']}",
                f"    {'':<34} {'ours':>10} {'theirs':>10} {'unit':<5} {'ratio':>7}",
            ]
        verdict = "within" if one.holds else "OUTSIDE"
        lines.append(
            f"    {one.what:<34} {one.ours:>10.5g} {one.theirs:>10.5g} {one.unit:<5} "
            f"{one.ratio:>7.4f}  {verdict}"
        )
    return "\n".join(lines[1:])
