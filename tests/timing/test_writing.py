"""Write modes counted by hand; program-verify against exact order statistics."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from neuromgd.sheets.platform_schema import Verify, Write
from neuromgd.timing.layer import Tiling
from neuromgd.timing.workload import Workload
from neuromgd.timing.writing import attempts, mean_of, pulses, slowest_array, slowest_of

SMALL = Tiling(1, 1, 3, 4, 3, 4, 12)
LARGE = Tiling(2, 2, 8, 5, 16, 10, 160)
ALL = Workload(layers=(3, 4), steps=1)


def write(mode, **more):
    return Write(mode=mode, basis="assumed", source="test", **more)


def verify(mean, maximum):
    return Verify(mean=mean, maximum=maximum, basis="assumed", source="test")


@pytest.mark.parametrize(
    ("mode", "in_turn", "energy"),
    [
        ("transfer", 1, 1),
        ("array_parallel", 2, 172 * 2),
        ("row_parallel", 8 * 2, 172 * 2),
        ("cell_serial", 40 * 2, 172 * 2),
    ],
)
def test_pulses_in_turn_and_in_all(mode, in_turn, energy):
    count = pulses(write(mode, pulses=2), [SMALL, LARGE], ALL)
    assert (count.mean, count.variance, count.energy) == (in_turn, 0, energy)


@pytest.mark.parametrize(
    ("mode", "rows", "share", "in_turn", "energy"),
    [
        # 16 inputs in turns of 3 are 6 turns, of all 3 one: 160/6 and 12 cells.
        ("row_parallel", 3, 1.0, 3, Fraction(160, 6) + 12),
        ("row_parallel", None, 0.25, 8, Fraction(172, 4)),
        ("cell_serial", 3, 1.0, 15, Fraction(160, 6) + 12),
        ("cell_serial", None, 0.25, 10, Fraction(172, 4)),
        ("array_parallel", 1, 0.5, 1, (Fraction(160, 16) + Fraction(12, 3)) / 2),
    ],
)
def test_what_is_not_due_takes_no_pulse(mode, rows, share, in_turn, energy):
    some = dataclasses.replace(ALL, rows_per_write=rows, write_share=share)
    count = pulses(write(mode, pulses=1), [SMALL, LARGE], some)
    assert (count.mean, count.energy) == (in_turn, energy)


@pytest.mark.parametrize("rows", [None, 4])
@pytest.mark.parametrize(
    ("mode", "skips", "at_once"),
    [
        ("row_parallel", "cells", None),
        ("row_parallel", "rows", None),
        ("row_parallel", "rows", 2),
        ("cell_serial", "cells", None),
    ],
)
def test_what_is_passed_over_is_what_a_run_has_not_written(mode, skips, at_once, rows):
    """All of LARGE written, nothing written, and one cell in five, against dice."""
    one = write(mode, pulses=2, skips=skips, at_once=at_once)
    told = {}
    for each in (1.0, 0.0, 0.05):
        some = dataclasses.replace(ALL, rows_per_write=rows, writes_per_window=each)
        told[each] = pulses(one, [LARGE], some)
    eligible = 8 if rows is None else rows
    groups = -(-5 // (at_once or 5))
    full = eligible * (5 if mode == "cell_serial" else groups) * 2
    assert told[1.0].mean == full
    assert [told[each].energy for each in (1.0, 0.0)] == [160 * 2, 0]
    assert told[0.0].mean == (full if (skips, mode) == ("cells", "row_parallel") else 0)
    assert told[0.05].energy == Fraction("0.05") * 160 * 2
    each = 0.05 * (1 if rows is None else 16 / rows)
    dice = np.random.default_rng(0).random((40_000, eligible, at_once or 5)) < each
    mean = {"cells": dice.sum((1, 2)).mean(), "rows": dice.any(2).sum(1).mean()}[skips]
    mean = {"row_parallel": mean if skips == "rows" else eligible, "cell_serial": mean}[mode]
    assert float(told[0.05].mean) == pytest.approx(mean * 2 * groups, rel=0.03)


def test_rows_in_turn_are_verified_as_arrays_of_so_many_rows():
    one = write("program_verify", verify=verify(2.5, 6))
    some = pulses(one, [LARGE], dataclasses.replace(ALL, rows_per_write=2))
    assert some.mean == slowest_array(verify(2.5, 6), (LARGE._replace(rows=2),))[0]


def test_attempts_are_a_geometric_distribution_given_up_at_the_maximum():
    chances = attempts(verify(4.0, 1000))
    assert sum(chances) == pytest.approx(1)
    assert chances[1] == pytest.approx(1 / 4)
    assert float(mean_of(chances)) == pytest.approx(4)
    assert len(attempts(verify(4.0, 7))) == 8


def test_the_slowest_of_many_cells_is_not_the_mean_cell():
    """E max of n geometric cells = sum over k of 1 - (1 - q^k)^n."""
    chances, miss = attempts(verify(8.52, 900)), 1 - 1 / 8.52
    expected = sum(1 - (1 - miss**k) ** 256 for k in range(900))
    assert float(mean_of(slowest_of(chances, 256))) == pytest.approx(expected, rel=1e-9)
    assert expected > 5 * 8.52


def test_rows_add_and_arrays_compete():
    """Against the plain convolution and product of distribution functions."""
    one = verify(2.5, 6)
    row = np.array(slowest_of(attempts(one), SMALL.columns))
    rows = np.convolve(np.convolve(row, row), row)
    double = SMALL._replace(row_splits=2)
    reached = np.cumsum(rows) ** 2
    chances = np.diff(reached, prepend=0)
    counts = np.arange(len(rows))
    mean, variance = slowest_array(one, (double,))
    assert float(mean) == pytest.approx(float(chances @ counts), rel=1e-9)
    expected = float(chances @ counts**2 - (chances @ counts) ** 2)
    assert float(variance) == pytest.approx(expected, rel=1e-7)


def test_certain_cells_write_like_rows_in_parallel():
    count = pulses(write("program_verify", verify=verify(1.0, 5)), [SMALL, LARGE], ALL)
    assert float(count.mean) == pytest.approx(8)
    assert float(count.variance) == pytest.approx(0, abs=1e-9)
