"""A forward pass on arrays: stage after stage, and what is gone through again and again."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from neuromgd.phases import Phase
from neuromgd.sheets.platform import Platform
from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import layer_energies, stage, tile
from neuromgd.timing.part import Part, again
from neuromgd.timing.products import Loop, Product
from neuromgd.timing.workload import Workload

# (entry of the sheet, how often) -> the energy of it.
Times = Callable[[str, Fraction | int], tuple[str, Fraction | None]]

# Energies that only an input that drives its row takes.
DRIVEN = frozenset({"row_drive", "cell_read"})


def passing(
    platform: Platform,
    workload: Workload,
    clock: Clock,
    times: Times,
    reloads: Mapping[int, Part],
) -> tuple[Part, ...]:
    """Returns the parts of a pass that arrays work at, in order.

    Args:
        platform: Sheet of the accelerator.
        workload: Says which products a sample takes.
        clock: Times of the sheet.
        times: Tells energies.
        reloads: Number of a loop, from 0 -> what is written in front of it.
    """
    names = workload.products.resources
    # What is of one shape and used alike takes as long and burns as much: it is worked out once.
    known: dict[tuple, Part] = {}

    def part(product: Product) -> Part:
        matrix, copies = workload.products.matrices[product.matrix], workload.copies[product.matrix]
        kind = (matrix, copies, product.calls, product.looks_up)
        if kind not in known:
            known[kind] = used(platform, workload, product, clock, times)
        return known[kind]

    parts: list[Part] = []
    first = 0
    for number, loop in enumerate(workload.products.loops):
        if number in reloads:
            parts.append(reloads[number])
        layers = [
            together(names[place], [part(one) for one in stage_.products])
            for place, stage_ in enumerate(loop.stages, first)
        ]
        first += len(layers)
        parts += turning(layers, loop, number + 1)
    return tuple(parts)


def used(
    platform: Platform, workload: Workload, product: Product, clock: Clock, times: Times
) -> Part:
    """Returns the uses of one matrix: its copies share them, each takes its own in turn."""
    matrix, copies = workload.products.matrices[product.matrix], workload.copies[product.matrix]
    rows = 1 if product.looks_up else matrix.rows
    tiling = tile(platform.array, rows, matrix.columns, matrix.apart, copies)
    pieces = tuple(stage(platform.array, tiling, clock))
    share = Fraction(str(workload.activity))
    energy = tuple(
        times(name, share * count if name in DRIVEN else count)
        for name, count in layer_energies(platform, tiling)
    )
    once = Part("", Phase.FORWARD, sum(t for _, t in pieces), pieces, ())
    in_turn = -(-product.calls // copies)
    every = again(Part("", Phase.FORWARD, 0, (), energy), product.calls)
    return again(once, in_turn)._replace(energy=every.energy)


def together(name: str, parts: list[Part]) -> Part:
    """Returns uses side by side: the longest decides the time."""
    longest = max(parts, key=lambda part: part.ticks)
    energy = longest.energy
    if len(parts) > 1:
        energy = tuple(component for part in parts for component in part.energy)
    return longest._replace(name=name, resource=name, energy=energy)


def turning(layers: list[Part], loop: Loop, number: int) -> list[Part]:
    """Returns a loop of stages: its first turn, its last, and between them all others as one.

    What a stage waits for is its own work of the turn before and the stage in front of it, so that
    from the first turn to the last nothing else can come in between.
    """
    if len(layers) == 1:
        return [again(layers[0], loop.turns)]
    if loop.turns <= 2:
        return layers * loop.turns
    inside: dict[str, int] = {}
    for part in layers:
        inside[part.resource] = inside.get(part.resource, 0) + part.ticks
    turn = Part(
        name=f"turns of loop {number}",
        phase=Phase.FORWARD,
        ticks=sum(part.ticks for part in layers),
        pieces=tuple(piece for part in layers for piece in part.pieces),
        energy=tuple(component for part in layers for component in part.energy),
        resource=f"turns of loop {number}",
        inside=tuple(inside.items()),
    )
    return [*layers, again(turn, loop.turns - 2), *layers]
