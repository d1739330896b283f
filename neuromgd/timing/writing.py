"""How long the weights take to be written, also where the number of pulses is random."""

import math
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from neuromgd.sheets.platform_schema import Verify, Write
from neuromgd.timing.layer import Tiling
from neuromgd.timing.workload import Workload


class Pulses(NamedTuple):
    """Write times that follow one another in the slowest array, in units of the sheet's write time.

    Attributes:
        mean: Expected number.
        variance: Its variance; 0 where the number is certain.
        energy: Expected pulses over all cells, for the energy.
    """

    mean: Fraction
    variance: Fraction
    energy: Fraction


def pulses(write: Write, tilings: list[Tiling], workload: Workload) -> Pulses:
    """Counts the write times of one update; all arrays of all chips are written side by side.

    The energy is that of one chip. Where some rows are written in turn, a window has as many of
    them, and their mean number of cells; a share of the cells may lie in any row. A circuit that
    passes over cells or rows takes what a run has counted, if there is one.
    """
    if write.skips != "none" and workload.writes_per_window is not None:
        return counted(write, tilings, workload, Fraction(str(workload.writes_per_window)))
    chips, share = workload.chips, Fraction(workload.write_share)
    cells = share * sum(cells_in_turn(tiling, workload.rows_per_write) for tiling in tilings)
    tilings = [one._replace(rows=rows_in_turn(one, workload.rows_per_write)) for one in tilings]
    if write.mode == "transfer":
        return Pulses(Fraction(1), Fraction(0), Fraction(1))
    if write.mode == "program_verify" and write.verify is not None:
        mean, variance = slowest_array(write.verify, tuple(tilings), chips)
        return Pulses(mean, variance, cells * mean_of(attempts(write.verify)))
    in_turn = {
        "array_parallel": 1,
        "row_parallel": max(
            tiling.rows * -(-tiling.columns // (write.at_once or tiling.columns))
            for tiling in tilings
        ),
        "cell_serial": math.ceil(share * max(one.rows * one.columns for one in tilings)),
    }[write.mode]
    return Pulses(Fraction(in_turn * write.pulses), Fraction(0), Fraction(cells * write.pulses))


def counted(write: Write, tilings: list[Tiling], workload: Workload, writes: Fraction) -> Pulses:
    """Counts the mean write times of an update where a cell has so many writes in a window.

    A row takes its time if one of its cells does; cells are written independently of each other.
    """
    in_turn = Fraction(0)
    for one in tilings:
        rows = rows_in_turn(one, workload.rows_per_write)
        due = min(one.inputs, workload.rows_per_write or one.inputs)
        each = min(Fraction(1), writes * Fraction(one.inputs, due))
        times = Fraction(rows * -(-one.columns // (write.at_once or one.columns)))
        if write.mode == "cell_serial":
            times = each * rows * one.columns
        elif write.skips == "rows":
            times *= 1 - Fraction((1.0 - float(each)) ** min(one.columns, write.at_once or 10**9))
        in_turn = max(in_turn, times)
    cells = writes * sum(one.cells * one.copies for one in tilings)
    return Pulses(in_turn * write.pulses, Fraction(0), cells * write.pulses)


def rows_in_turn(tiling: Tiling, rows: int | None) -> int:
    """Returns how many rows of the fullest array are written in a window."""
    return tiling.rows if rows is None else min(tiling.rows, rows)


def cells_in_turn(tiling: Tiling, rows: int | None) -> Fraction:
    """Returns how many cells of a layer are written in a window, on average over the turns."""
    if rows is None:
        return Fraction(tiling.cells * tiling.copies)
    return Fraction(tiling.cells * tiling.copies, -(-tiling.inputs // rows))


def attempts(verify: Verify) -> list[float]:
    """Returns P(exactly k pulses) for k = 0 to the maximum: geometric, given up at the maximum."""
    miss = 1 - 1 / verify.mean
    chances = [0.0] + [miss ** (k - 1) * (1 - miss) for k in range(1, verify.maximum)]
    return [*chances, miss ** (verify.maximum - 1)]


def mean_of(chances: list[float]) -> Fraction:
    """Returns the mean of a distribution over 0, 1, 2, ..."""
    return Fraction(sum(k * chance for k, chance in enumerate(chances)))


def slowest_of(chances: list[float], count: int) -> list[float]:
    """Returns the distribution of the largest of so many independent draws."""
    below, reached, largest = 0.0, 0.0, []
    for chance in chances:
        reached = min(1.0, reached + chance)
        largest.append(reached**count - below)
        below = reached**count
    return largest


@cache
def slowest_array(
    verify: Verify, tilings: tuple[Tiling, ...], chips: int = 1
) -> tuple[Fraction, Fraction]:
    """Returns mean and variance of the pulses in turn of the slowest array.

    A row takes the largest count of its cells; the rows of an array follow one another, so their
    distributions are convolved; the update ends with the slowest of all arrays, so their
    cumulative distributions are multiplied. Every array of a layer counts as its fullest one.
    """
    import numpy as np

    top = max(tiling.rows for tiling in tilings) * verify.maximum
    finished = np.ones(top + 1)
    for tiling in tilings:
        row = np.array(slowest_of(attempts(verify), tiling.columns))
        spectrum = np.fft.rfft(row, 2 * top + 2) ** tiling.rows
        rows = np.clip(np.fft.irfft(spectrum, 2 * top + 2)[: top + 1], 0, None)
        finished *= np.minimum(np.cumsum(rows), 1.0) ** float(chips * tiling.arrays)
    chances = np.diff(finished, prepend=0.0) / finished[-1]
    counts = np.arange(top + 1)
    mean = float(chances @ counts)
    variance = float(chances @ (counts - mean) ** 2)
    return Fraction(mean), Fraction(max(variance, 0.0))
