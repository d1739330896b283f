"""How long it takes to read cells that learn, row by row, and to write slow ones beside them."""

import dataclasses
from fractions import Fraction
from typing import NamedTuple

from neuromgd.sheets.platform import Platform
from neuromgd.sheets.platform_schema import Write
from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import Tiling, layer_energies, product, tile
from neuromgd.timing.workload import Workload
from neuromgd.timing.writing import Pulses, pulses, rows_in_turn

# What of a layer works on the outputs of all its inputs together, not on a row that is read.
_BEHIND = ("split_add", "post", "activation")


class Readings(NamedTuple):
    """Every cell of some rows is read once.

    Attributes:
        ticks: Time of it, all arrays side by side, row after row [tick].
        counts: (entry of the sheet, how often) for the energy, on average over the turns.
    """

    ticks: int
    counts: tuple[tuple[str, Fraction], ...]


def row_readings(
    platform: Platform, clock: Clock, tilings: list[Tiling], rows: int | None
) -> Readings:
    """Returns what it takes to read some rows: each is a product with one input.

    Args:
        platform: Sheet of the accelerator.
        clock: Its times.
        tilings: Of all layers.
        rows: Of a layer that are read in one turn; None: all.
    """
    ticks, counts = 0, dict[str, Fraction]()
    for tiling in tilings:
        one = tile(platform.array, 1, tiling.outputs, tiling.apart)
        row = sum(time for _, time in product(platform.array, one, clock))
        if platform.array.form == "whole":
            row = clock["settle"]
        ticks = max(ticks, rows_in_turn(tiling, rows) * row)
        turns = 1 if rows is None else -(-tiling.inputs // rows)
        for name, count in layer_energies(platform, one):
            if name not in _BEHIND:
                each = Fraction(tiling.inputs, turns) * count
                counts[name] = counts.get(name, Fraction(0)) + each
    return Readings(ticks, tuple(counts.items()))


def transfer_pulses(write: Write, tilings: list[Tiling], workload: Workload) -> Pulses:
    """Counts the write times of one transfer: rows of slow cells, then those of the fast ones."""
    some = dataclasses.replace(
        workload, rows_per_write=workload.transfer_rows, write_share=1.0, writes_per_window=None
    )
    once, times = pulses(write, tilings, some), workload.transfer_writes
    return Pulses(times * once.mean, times * once.variance, times * once.energy)
