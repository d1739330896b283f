"""One layer: closed forms against SimPy, published machines, the cut of a network into arrays."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.sheets.platform_schema import Array
from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import conversions_in_turn, product, tile
from tests.oracles.layer_events import LayerSimulation

ARRAY = Array(form="bit_serial", rows=128, columns=128, basis="assumed", source="test")

DRAWS = {
    "overlap": st.sampled_from(["self_timed", "clocked", "none"]),
    "slices": st.integers(1, 6),
    "columns": st.integers(1, 9),
    "adcs": st.integers(1, 5),
    "read": st.integers(0, 50),
    "convert": st.integers(0, 20),
    "pool": st.none() | st.integers(1, 4),
    "rows": st.integers(1, 30),
}


def clock_of(**ticks):
    clock = Clock.__new__(Clock)
    clock.ticks = ticks
    return clock


def check_layer(overlap, slices, columns, adcs, read, convert, pool, rows):
    array = msgspec.structs.replace(
        ARRAY, overlap=overlap, slices=slices, adcs=adcs, pool=pool, rows=10, columns=12
    )
    tiling, clock = tile(array, rows, columns), clock_of(read=read, convert=convert)
    closed = sum(ticks for _, ticks in product(array, tiling, clock))
    assert LayerSimulation(array, tiling, clock).ticks() == closed


@given(**DRAWS)
@settings(max_examples=100)
def test_layer_form_equals_simpy(**draws):
    check_layer(**draws)


@pytest.mark.slow
@given(**DRAWS)
@settings(max_examples=2000)
def test_layer_form_equals_simpy_in_two_thousand_draws(**draws):
    check_layer(**draws)


@given(**DRAWS)
@settings(max_examples=100)
def test_forms_are_the_published_expressions(
    overlap, slices, columns, adcs, read, convert, pool, rows
):
    array = msgspec.structs.replace(
        ARRAY, overlap=overlap, slices=slices, adcs=adcs, pool=pool, rows=10, columns=12
    )
    tiling, clock = tile(array, rows, columns), clock_of(read=read, convert=convert)
    cv = conversions_in_turn(array, tiling) * convert
    expected = {
        "self_timed": read + cv + (slices - 1) * max(read, cv),
        "clocked": (slices + 1) * max(read, cv),
        "none": slices * (read + cv),
    }[overlap]
    assert sum(ticks for _, ticks in product(array, tiling, clock)) == expected
    if pool is not None:
        assert cv == -(-tiling.arrays // pool) * columns * convert


def test_a_clocked_layer_is_never_faster_than_a_self_timed_one():
    clock = clock_of(read=100, convert=3)
    times = {}
    for overlap in ("self_timed", "clocked", "none"):
        array = msgspec.structs.replace(ARRAY, overlap=overlap, slices=8, adcs=4)
        pieces = product(array, tile(array, 128, 128), clock)
        times[overlap] = sum(ticks for _, ticks in pieces)
    assert times["self_timed"] <= times["clocked"] <= times["none"]


def test_cycles_are_two_more_than_slices():
    array = msgspec.structs.replace(ARRAY, form="cycles", slices=16)
    pieces = product(array, tile(array, 128, 16), clock_of(cycle=128))
    assert pieces == [("cycle", 18 * 128)]


def test_mnist_on_128_by_128_arrays_with_four_cells_a_weight():
    array = msgspec.structs.replace(ARRAY, columns_per_weight=4)
    first, second = tile(array, 784, 128), tile(array, 128, 10)
    assert (first.row_splits, first.column_splits, first.rows, first.columns) == (7, 4, 128, 128)
    assert (second.row_splits, second.column_splits, second.columns) == (1, 1, 40)
    assert first.cells == 784 * 128 * 4


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 300), st.integers(1, 300))
def test_arrays_hold_every_cell(inputs, outputs, rows, columns):
    tiling = tile(msgspec.structs.replace(ARRAY, rows=rows, columns=columns), inputs, outputs)
    assert tiling.arrays * rows * columns >= tiling.cells == inputs * outputs
    assert (tiling.row_splits - 1) * rows < inputs
    assert (tiling.column_splits - 1) * columns < outputs
