"""``neuromgd platforms``: the timing and energy sheets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.sheets import library
from neuromgd.sheets.platform import Platform, load
from neuromgd.sheets.platform_schema import Entry
from neuromgd.shown import printable

GROUPS = ("times", "energies", "adcs", "powers", "areas", "factors")


@dataclass
class Options:
    """Lists the platform sheets, shows one with the source of every number, or checks a file."""

    action: Annotated[str, tyro.conf.Positional] = "list"
    """list, show or check."""
    sheet: Annotated[str, tyro.conf.Positional] = ""
    """Name or file, for show and check."""


def main(arguments: list[str]) -> None:
    """Runs the command."""
    options = parse(Options, "platforms", arguments)
    if options.action == "list":
        print(printable(listing()))
    elif options.action in ("show", "check") and options.sheet:
        platform = load(options.sheet)
        shown = options.action == "show"
        told = sheet_text(platform) if shown else f"{Path(options.sheet)}: {verdict(platform)}"
        print(printable(told))
    else:
        raise InputError(
            f"platforms: read {' '.join(arguments)!r}, allowed are list, show SHEET, check FILE"
        )


def listing() -> str:
    """Returns one line a sheet: its name, its title, the basis of its numbers."""
    names = library.names("platforms")
    width = max(map(len, names))
    return "\n".join(f"{name:<{width}}  {load(name).title}" for name in names)


def entries(platform: Platform) -> list[tuple[str, str, Entry]]:
    """Returns all entries of a sheet as (group, name, entry)."""
    return [
        (group, name, entry) for group in GROUPS for name, entry in getattr(platform, group).items()
    ]


def verdict(platform: Platform) -> str:
    """Returns how many numbers a good sheet has, by basis."""
    counts: dict[str, int] = {}
    for _, _, entry in entries(platform):
        counts[entry.basis] = counts.get(entry.basis, 0) + 1
    return "good; " + ", ".join(f"{count} {basis}" for basis, count in sorted(counts.items()))


def sheet_text(platform: Platform) -> str:
    """Returns a sheet as text; what nobody measured or published is marked."""
    array = platform.array
    lines = [
        f"{platform.name}: {platform.title}",
        f"  {verdict(platform)}; * marks what is assumed or unknown",
        f"  array {array.rows} x {array.columns}, {array.form}, inputs {platform.dac_bits} bit, "
        f"outputs {array.adc_bits} bit ({array.basis}: {array.source})",
    ]
    for name in ("broadcast", "write", "links"):
        part = getattr(platform, name)
        if part is not None:
            what = part.mode if name == "write" else part.topology
            lines.append(f"  {name} {what} ({part.basis}: {part.source})")
    if platform.adc:
        lines.append(f"  converter energy from {platform.adc}")
    group = ""
    for this, name, entry in entries(platform):
        if this != group:
            lines += ["", f"  {this}"]
            group = this
        mark = "*" if entry.basis in ("assumed", "unknown") else " "
        number = "unknown" if entry.value is None else f"{entry.value:g} {entry.unit}"
        ends = (entry.low, entry.high)
        span = "" if ends == (None, None) else f" [{entry.low}, {entry.high}]"
        lines.append(f"  {mark} {name:<14} {number + span:<24} {entry.spans}")
        lines.append(f"    {'':<14} {'':<24} {entry.basis}: {entry.source}")
    return "\n".join([*lines, "", "  not modelled: " + "; ".join(platform.not_modelled)])
