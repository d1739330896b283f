"""One layer of the network on arrays of cells: how many arrays, how long one product takes."""

from typing import NamedTuple

from neuromgd.sheets.platform import Platform
from neuromgd.sheets.platform_schema import Array
from neuromgd.timing.clock import Clock
from neuromgd.timing.workload import Workload

Pieces = list[tuple[str, int]]


class Tiling(NamedTuple):
    """How a weight matrix is cut into arrays.

    Attributes:
        row_splits: Arrays that share the inputs of one output; their products are added.
        column_splits: Arrays side by side over the outputs.
        rows: Rows used in the fullest array.
        columns: Columns used in the fullest array.
        inputs: Inputs of the layer.
        outputs: Outputs of the layer.
        cells: Cells of the layer, weights only; biases sit in the activation circuit. Of one copy.
        apart: Matrices side by side, each driven by signals of its own.
        copies: Copies of all that, each at work on another use.
    """

    row_splits: int
    column_splits: int
    rows: int
    columns: int
    inputs: int
    outputs: int
    cells: int
    apart: int = 1
    copies: int = 1

    @property
    def arrays(self) -> int:
        """Number of arrays."""
        return self.row_splits * self.column_splits * self.apart * self.copies


def tile(array: Array, inputs: int, outputs: int, apart: int = 1, copies: int = 1) -> Tiling:
    """Cuts a weight matrix into arrays, rows for inputs and columns for outputs."""
    rows, columns = inputs * array.rows_per_weight, outputs * array.columns_per_weight
    return Tiling(
        row_splits=-(-rows // array.rows),
        column_splits=-(-columns // array.columns),
        rows=min(rows, array.rows),
        columns=min(columns, array.columns),
        inputs=inputs,
        outputs=outputs,
        cells=rows * columns * apart,
        apart=apart,
        copies=copies,
    )


def tilings_of(array: Array, workload: Workload) -> list[Tiling]:
    """Cuts every matrix of a network into arrays."""
    return [
        tile(array, one.rows, one.columns, one.apart, copies)
        for one, copies in zip(workload.products.matrices, workload.copies, strict=True)
    ]


def product(array: Array, tiling: Tiling, clock: Clock) -> Pieces:
    """Returns the time of one matrix-vector product, piece by piece on its longest path [tick]."""
    if array.form == "whole":
        return []
    if array.form == "single":
        pieces = [("read", clock["read"])]
        if "convert" in clock:
            pieces.append(("convert", clock["convert"]))
        return pieces
    if array.form == "cycles":
        return [("cycle", (array.slices + 2) * clock["cycle"])]
    if array.form == "integrate":
        steps = sum(2**bits - 1 for bits in array.input_phases)
        return [
            ("integrate", steps * clock["integrate"]),
            ("adc_step", array.adc_steps * clock["adc_step"]),
            ("phase_gap", len(array.input_phases) * clock["phase_gap"]),
        ]
    return bit_serial(array, conversions_in_turn(array, tiling), clock)


def conversions_in_turn(array: Array, tiling: Tiling) -> int:
    """Returns how many conversions of one slice the busiest converter makes."""
    if array.pool is None:
        return -(-tiling.columns // array.adcs)
    # The columns of an array go through one converter; the arrays queue for the pool.
    return -(-tiling.arrays // array.pool) * tiling.columns


def bit_serial(array: Array, turns: int, clock: Clock) -> Pieces:
    """Times slices read one after the other, each converted on shared converters.

    ``self_timed`` starts a slice as soon as its array is free, ``clocked`` at the beat of the
    slower of both, ``none`` only when the slice before is converted.
    """
    slices, read, convert = array.slices, clock["read"], turns * clock["convert"]
    slower = ("read", read) if read >= convert else ("convert", convert)
    if array.overlap == "none":
        return [("read", slices * read), ("convert", slices * convert)]
    if array.overlap == "clocked":
        return [(slower[0], (slices + 1) * slower[1])]
    if slower[0] == "read":
        return [("read", slices * read), ("convert", convert)]
    return [("read", read), ("convert", slices * convert)]


def stage(array: Array, tiling: Tiling, clock: Clock) -> Pieces:
    """Returns the time of a whole layer, inputs to activations, piece by piece [tick]."""
    pieces: Pieces = [("input", clock["input"])] if "input" in clock else []
    pieces += product(array, tiling, clock)
    if "split_add" in clock:
        levels = (tiling.row_splits - 1).bit_length()
        pieces.append(("split_add", levels * clock["split_add"]))
    pieces += [(name, clock[name]) for name in ("post", "activation") if name in clock]
    return pieces


def layer_energies(platform: Platform, tiling: Tiling) -> list[tuple[str, int]]:
    """Returns what one product of a layer does, and how often: (entry, count)."""
    array = platform.array
    apart = tiling.apart
    inputs, outputs = tiling.inputs * apart, tiling.outputs * apart
    columns = outputs * array.columns_per_weight
    rows = inputs * array.rows_per_weight
    counts = [("input", inputs)] if "input" in platform.times else []
    if array.form == "bit_serial":
        counts += [
            ("row_drive", rows * tiling.column_splits * array.slices),
            ("cell_read", tiling.cells * array.slices),
            ("convert", columns * tiling.row_splits * array.slices),
        ]
    elif "operation" in platform.energies:
        counts += [("operation", tiling.inputs * outputs)]
    else:
        counts += [("read", tiling.arrays // tiling.copies)]
    if array.form == "single" and "convert" in platform.times:
        counts += [("convert", outputs * tiling.row_splits)]
    if "split_add" in platform.times:
        counts += [("split_add", outputs * (tiling.row_splits - 1))]
    counts += [(name, outputs) for name in ("post", "activation") if name in platform.times]
    return counts
