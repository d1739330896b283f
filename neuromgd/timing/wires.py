"""How the one scalar travels: broadcast trees over a chip, and links between chips."""

from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from neuromgd.sheets.platform_schema import Broadcast, Entry, Links
from neuromgd.timing.clock import Clock

MILLIMETRE = Fraction(1, 1000)


class Route(NamedTuple):
    """What one broadcast crosses.

    Attributes:
        path: Longest wire from the meter to a synapse [mm].
        levels: Branching levels, or hops, on that path.
        wire: All wire that is charged [mm].
        nodes: Routers that pass the word.
    """

    path: Fraction
    levels: int
    wire: Fraction
    nodes: int = 0


def side(synapses: int, pitch: Entry) -> Fraction:
    """Returns the side of the square that the synapses fill, a whole number of pitches [mm]."""
    metres = pitch.exact()
    assert metres is not None, "the sheet was checked"
    return (isqrt(synapses - 1) + 1) * metres / MILLIMETRE


def levels_of(leaves: int, arity: int) -> int:
    """Returns the levels of a tree with so many ends."""
    levels = 0
    while arity**levels < leaves:
        levels += 1
    return levels


def route(broadcast: Broadcast, synapses: int, arrays: int, columns: int) -> Route:
    """Lays the wires of a broadcast to all synapses.

    Args:
        broadcast: Topology of the sheet.
        synapses: Ends to be reached.
        arrays: Tiles of the chip.
        columns: Columns of a tile, for the wire along a row.
    """
    zero = Fraction(0)
    if broadcast.topology == "tree":
        return Route(zero, levels_of(broadcast.leaves or synapses, 2), zero)
    if broadcast.topology == "mesh":
        width = isqrt(arrays - 1) + 1
        return Route(zero, 2 * (width - 1), zero, width * width - 1)
    if broadcast.topology == "graph":
        return graph(broadcast.edges)
    if broadcast.pitch is None:
        return Route(zero, 0, zero)
    edge = side(synapses, broadcast.pitch)
    if broadcast.topology == "bus":
        return Route(2 * edge, 0, edge + (isqrt(synapses - 1) + 1) * edge)
    leaves = synapses if broadcast.topology == "htree" else arrays
    levels = levels_of(leaves, 4)
    tree = Route(
        edge * (1 - Fraction(1, 2**levels)), levels, Fraction(3, 2) * edge * (2**levels - 1)
    )
    if broadcast.topology == "htree":
        return tree
    row = side(columns**2, broadcast.pitch)
    return Route(tree.path + row, levels, tree.wire + arrays * row)


def graph(edges: tuple[tuple[str, str, int | float], ...]) -> Route:
    """Follows given wires from the meter; the sheet was checked to be a tree."""
    reach = {"meter": Fraction(0)}
    waiting = [(start, end, Fraction(str(length))) for start, end, length in edges]
    while waiting:
        start, end, length = waiting.pop(0)
        if start in reach:
            reach[end] = reach[start] + length
        else:
            waiting.append((start, end, length))
    total = sum((Fraction(str(length)) for *_, length in edges), Fraction(0))
    return Route(max(reach.values()), 0, total)


def broadcast_pieces(broadcast: Broadcast, route: Route, clock: Clock) -> list[tuple[str, int]]:
    """Returns the time from the meter to the last synapse, piece by piece [tick].

    A wire's time is rounded to the nearest tick after multiplying by its length.
    """
    if broadcast.topology == "direct":
        return [("broadcast", clock["broadcast"])]
    if broadcast.topology == "mesh":
        return [(name, route.levels * clock[name]) for name in ("router", "link")]
    pieces = []
    if "wire" in clock:
        pieces.append(("wire", round(route.path * clock["wire"])))
    if "repeater" in clock:
        pieces.append(("repeater", route.levels * clock["repeater"]))
    return pieces


def hops(links: Links, chips: int) -> int:
    """Returns how many hops one after the other add the cost changes of all chips.

    A tree adds pairwise, a ring passes the sum on, the hub of a star takes one word at a time.
    """
    return {"tree": levels_of(chips, 2), "ring": chips - 1, "star": chips}[links.topology]
