"""What a platform sheet must obey beyond its structure; every refusal is one line."""

from neuromgd import units
from neuromgd.errors import InputError
from neuromgd.sheets.platform_schema import ENERGIES, PARTS, TIMES, TRAINING, Entry, Platform
from neuromgd.sheets.platform_use import check_use


def check(platform: Platform) -> None:
    """Refuses what the structure alone cannot: units, signs, ranges, missing parts.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    tick = units.parse(platform.tick, "time").value
    if not 0 < tick <= 1:
        raise InputError(f"tick: read {platform.tick!r}, allowed is a time above 0, at most 1 s")
    for group, dimension, known in (
        ("times", "time", TIMES),
        ("energies", "energy", ENERGIES),
        ("powers", "power", None),
        ("areas", "area", None),
        ("factors", "number", None),
        ("adcs", "energy", None),
    ):
        for name, entry in getattr(platform, group).items():
            if known is not None and name not in known:
                raise InputError(f"{group}.{name}: unknown entry; known are {', '.join(known)}")
            check_entry(f"{group}.{name}", entry, dimension)
            if group not in ("powers", "areas") and (group == "factors" or name not in PARTS):
                check_as_it_is(f"{group}.{name}", entry)
            check_unit_of_growth(platform, group, name, entry)
            if entry.deviation is not None and (group != "times" or name not in PARTS):
                raise InputError(
                    f"{group}.{name}.deviation: read {entry.deviation}; allowed only on the time "
                    f"of a whole part: {', '.join(PARTS)}"
                )
    if platform.power_limit is not None:
        check_entry("power_limit", platform.power_limit, "power")
        check_as_it_is("power_limit", platform.power_limit)
    if platform.adcs and platform.adc not in platform.adcs:
        raise InputError(f"adc: read {platform.adc!r}, allowed are {', '.join(platform.adcs)}")
    if platform.adc is not None and not platform.adcs:
        raise InputError(f"adc: read {platform.adc!r}, but adcs holds none")
    check_broadcast(platform)
    check_use(platform)
    check_within(platform)
    check_shared(platform)


def check_entry(key: str, entry: Entry, dimension: str) -> None:
    """Refuses an entry of the wrong unit, sign or order.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    try:
        found = units.unit(entry.unit).dimension
    except InputError as error:
        raise InputError(f"{key}.unit: {error}") from error
    if found != dimension:
        raise InputError(f"{key}.unit: read {entry.unit!r}, allowed is a unit of {dimension}")
    if (entry.value is None) != (entry.basis == "unknown"):
        raise InputError(
            f"{key}: read value {entry.value} with basis {entry.basis!r}; "
            "allowed is a value, or basis 'unknown' without one"
        )
    numbers = {
        name: number
        for name in ("value", "low", "high", "deviation")
        if (number := getattr(entry, name)) is not None
    }
    for name, number in numbers.items():
        if not 0 <= number <= 1e15:
            raise InputError(f"{key}.{name}: read {number}, allowed is 0 to 1e15 {entry.unit}")
    check_growth(key, entry)
    low, high = numbers.get("low", 0), numbers.get("high", 1e15)
    if not low <= numbers.get("value", low) <= high:
        raise InputError(f"{key}: read low {low}, value {entry.value}, high {high}: out of order")


def check_growth(key: str, entry: Entry) -> None:
    """Refuses an entry that grows with something, but nobody says from where.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    if (entry.per is None) != (entry.size is None):
        raise InputError(f"{key}: read per {entry.per!r} and size {entry.size}; give both or none")
    if entry.fixed and entry.per is None:
        raise InputError(f"{key}.fixed: has no effect without per and size")
    least = min((n for n in (entry.low, entry.value) if n is not None), default=0)
    if not 0 <= entry.fixed <= least:
        raise InputError(f"{key}.fixed: read {entry.fixed}, allowed is 0 to {least} {entry.unit}")


def check_unit_of_growth(platform: Platform, group: str, name: str, entry: Entry) -> None:
    """Refuses an entry that grows with tiles or bits where there are none.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    key = f"{group}.{name}.per"
    if entry.per == "tile" and platform.array.per_tile is None:
        raise InputError(f"{key}: read 'tile'; allowed with array.per_tile")
    words = ("hop", "broadcast")
    if entry.per == "bit" and (group not in ("times", "energies") or name not in words):
        raise InputError(f"{key}: read 'bit'; allowed on times and energies of {', '.join(words)}")


def check_as_it_is(key: str, entry: Entry) -> None:
    """Refuses growth of an entry that is counted part by part already.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    if entry.per is not None:
        raise InputError(
            f"{key}.per: read {entry.per!r}; allowed only on powers, areas and whole parts: "
            f"{', '.join(PARTS)}"
        )


def check_within(platform: Platform) -> None:
    """Refuses a part that is said to be spanned by a time that is not there, or has its own.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    for part, spanning in platform.within.items():
        if part not in TRAINING or part in platform.times:
            raise InputError(
                f"within: read {part!r}, allowed are {', '.join(TRAINING)} without a time"
            )
        if spanning not in platform.times:
            raise InputError(
                f"within.{part}: read {spanning!r}, allowed are {', '.join(platform.times)}"
            )


def check_shared(platform: Platform) -> None:
    """Refuses a shared resource whose members are no parts of the platform, or shared twice.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    parts = [name for name in PARTS if name in platform.times]
    taken: set[str] = set()
    for number, shared in enumerate(platform.shared):
        for member in shared.members:
            if member not in parts or member in taken:
                raise InputError(
                    f"shared[{number}].members: read {member!r}, allowed is each once of "
                    f"{', '.join(parts)}"
                )
            taken.add(member)


def check_broadcast(platform: Platform) -> None:
    """Refuses a broadcast that cannot reach every synapse exactly once.

    Raises:
        InputError: Naming key, what was read and what is allowed.
    """
    broadcast = platform.broadcast
    if broadcast is None:
        return
    if broadcast.topology in ("bus", "htree", "tile_then_row"):
        if broadcast.pitch is None:
            raise InputError(f"broadcast.pitch: missing; {broadcast.topology} needs a length")
        check_entry("broadcast.pitch", broadcast.pitch, "length")
        if broadcast.pitch.value is None:
            raise InputError(f"broadcast.pitch: unknown; {broadcast.topology} needs a length")
    if broadcast.topology == "graph":
        check_edges(broadcast.edges)


def check_edges(edges: tuple[tuple[str, str, int | float], ...]) -> None:
    """Refuses wires that form a cycle, join twice or hang loose.

    Raises:
        InputError: Naming the node.
    """
    parent: dict[str, str] = {}
    for start, end, length in edges:
        if end in parent or end == "meter":
            raise InputError(f"broadcast.edges: {end!r} is reached twice; allowed is a tree")
        if not 0 <= length <= 1e6:
            raise InputError(f"broadcast.edges: read length {length}, allowed is 0 to 1e6 mm")
        parent[end] = start
    if not parent:
        raise InputError("broadcast.edges: missing; topology 'graph' needs edges from 'meter'")
    for leaf in parent:
        seen, node = set(), leaf
        while node in parent:
            if node in seen:
                raise InputError(f"broadcast.edges: cyclic at {node!r}; allowed is a tree")
            seen.add(node)
            node = parent[node]
        if node != "meter":
            raise InputError(f"broadcast.edges: {leaf!r} hangs on {node!r}, not on 'meter'")
