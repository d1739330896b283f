"""Entries that hold for a whole chip, brought to the size of a network."""

from fractions import Fraction

import msgspec

from neuromgd.sheets.platform import Platform
from neuromgd.sheets.platform_schema import Entry
from neuromgd.timing.layer import tilings_of
from neuromgd.timing.wires import levels_of
from neuromgd.timing.workload import Workload


def arrays_needed(platform: Platform, workload: Workload) -> int | None:
    """Returns how many arrays hold the network; None where it is not cut into arrays."""
    if platform.array.form == "whole":
        return None
    return sum(one.arrays for one in tilings_of(platform.array, workload))


def sized(platform: Platform, workload: Workload) -> Platform:
    """Returns the sheet with every entry that grows brought to the size of a network."""
    arrays = arrays_needed(platform, workload) or 1
    counts = {
        "input": workload.products.inputs,
        "output": workload.products.outputs,
        "synapse": workload.synapses,
        "level": levels_of(workload.synapses, 2),
        "array": arrays,
        "tile": -(-arrays // (platform.array.per_tile or arrays)),
    }
    return msgspec.structs.replace(
        platform,
        **{
            group: {
                name: entry
                if entry.per is None
                else grown(entry, counts.get(entry.per) or word_bits(platform, name))
                for name, entry in getattr(platform, group).items()
            }
            for group in ("times", "energies", "powers", "areas")
        },
    )


def word_bits(platform: Platform, name: str) -> int:
    """Returns the width of a word over a link (``hop``) or to the synapses [bit]."""
    links, broadcast = platform.links, platform.broadcast
    own = links.word_bits if links is not None and name == "hop" else None
    return own or (1 if broadcast is None else broadcast.word_bits)


def grown(entry: Entry, count: int) -> Entry:
    """Returns an entry for so many: fixed + (number - fixed) count / size."""
    fixed, times = Fraction(str(entry.fixed)), Fraction(count, entry.size or 1)
    numbers = {
        name: float(fixed + (Fraction(str(number)) - fixed) * times)
        for name in ("value", "low", "high")
        if (number := getattr(entry, name)) is not None
    }
    if count == entry.size:
        numbers = {}
    return msgspec.structs.replace(entry, per=None, size=None, fixed=0, **numbers)


def of_any_size(platform: Platform) -> tuple[str, ...]:
    """Returns the entries that hold for a whole chip and do not say how they grow."""
    return tuple(
        f"{group}.{name}"
        for group, names in (
            ("times", ("load", "broadcast")),
            ("energies", ("load", "broadcast")),
            ("powers", tuple(platform.powers)),
        )
        for name in names
        if name in getattr(platform, group) and getattr(platform, group)[name].per is None
    )
