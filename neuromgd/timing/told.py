"""Networks told in a line: ``28x28x1,conv:16x3,pool:2,10`` or ``28x28,lstm:64,10``.

Sizes travel from item to item: a picture is height x width x channels, a sequence is time steps x
features, everything else is a list of units.
"""

import math
import re
from typing import NamedTuple

from neuromgd.errors import InputError
from neuromgd.timing.products import Loop, Matrix, Product, Products, Stage
from neuromgd.whole import whole

# Arrays of a recurrent cell for its inputs and for its own outputs, and biases of a unit, as the
# cells of Flax have them.
CELLS = {"rnn": (1, 1, 1), "gru": (3, 3, 4), "lstm": (4, 4, 4)}

FORMS = (
    "UNITS, conv:CHANNELSxKERNEL, conv:CHANNELSxKERNEL/STRIDE, the same with :valid, pool:SIZE, "
    "rnn:UNITS, gru:UNITS, lstm:UNITS"
)


class _Grown(NamedTuple):
    """A network so far, and the shape of what comes out of it."""

    shape: tuple[int, ...]
    matrices: tuple[Matrix, ...] = ()
    loops: tuple[Loop, ...] = ()
    parameters: int = 0

    def plus(
        self,
        shape: tuple[int, ...],
        matrices: tuple[Matrix, ...],
        calls: int,
        turns: int,
        biases: int,
    ) -> "_Grown":
        """Returns it with matrices side by side behind it, each used ``calls`` times a turn."""
        first = len(self.matrices)
        stage = Stage(tuple(Product(first + i, calls) for i in range(len(matrices))))
        weights = sum(one.rows * one.columns for one in matrices)
        return _Grown(
            shape,
            (*self.matrices, *matrices),
            (*self.loops, Loop((stage,), turns)),
            self.parameters + weights + biases,
        )


def told(text: str) -> tuple[int, ...] | Products:
    """Reads a network.

    Returns:
        Sizes of dense layers if it has no other, else what a sample asks of the arrays.

    Raises:
        InputError: Naming the item and what is allowed.
    """
    first, *items = text.split(",")
    if ":" not in text and "x" not in text:
        return tuple(_whole(size) for size in (first, *items))
    shape = tuple(_whole(size) for size in first.split("x"))
    if not 1 <= len(shape) <= 3 or min(shape) < 1:
        raise InputError(
            f"--layers: read {first!r}, allowed first are UNITS, STEPSxFEATURES, or "
            "HEIGHTxWIDTHxCHANNELS"
        )
    grown = _Grown(shape)
    for item in items:
        grown = _longer(grown, item.strip())
    if not grown.loops:
        raise InputError(f"--layers: read {text!r}, allowed are inputs and one layer or more")
    return Products(
        matrices=grown.matrices,
        loops=grown.loops,
        inputs=math.prod(shape),
        outputs=math.prod(grown.shape),
        parameters=grown.parameters,
    )


def _longer(grown: _Grown, item: str) -> _Grown:
    kind, colon, rest = item.partition(":")
    if not colon:
        units = _whole(item)
        _refuse(units < 1, item, "UNITS above 0")
        inputs = math.prod(grown.shape)
        return grown.plus((units,), (Matrix(inputs, units),), 1, 1, units)
    if kind == "conv":
        return _convolved(grown, item, rest)
    if kind == "pool":
        _refuse(len(grown.shape) != 3, item, "pool after a picture, HEIGHTxWIDTHxCHANNELS")
        size = _whole(rest)
        height, width, channels = grown.shape
        _refuse(not 1 <= size <= min(height, width), item, f"pool:1 to {min(height, width)} here")
        return grown._replace(shape=(height // size, width // size, channels))
    if kind in CELLS:
        _refuse(len(grown.shape) != 2, item, f"{kind} after a sequence, STEPSxFEATURES")
        units, (steps, features) = _whole(rest), grown.shape
        _refuse(units < 1, item, "UNITS above 0")
        inward, own, biases = CELLS[kind]
        matrices = (*[Matrix(features, units)] * inward, *[Matrix(units, units)] * own)
        return grown.plus((units,), matrices, 1, steps, biases * units)
    raise InputError(f"--layers: read {item!r}, allowed are {FORMS}")


def _convolved(grown: _Grown, item: str, rest: str) -> _Grown:
    found = re.fullmatch(r"(\d+)x(\d+)(?:/(\d+))?(:valid)?", rest)
    if found is None:
        raise InputError(f"--layers: read {item!r}, allowed are {FORMS}")
    _refuse(len(grown.shape) != 3, item, "conv after a picture, HEIGHTxWIDTHxCHANNELS")
    channels, kernel, stride = (int(size or 1) for size in found.groups()[:3])
    height, width, before = grown.shape
    reach = kernel - 1 if found[4] else 0
    _refuse(min(channels, kernel, stride) < 1, item, "numbers above 0")
    _refuse(reach >= min(height, width), item, f"a kernel of {min(height, width)} at most")
    shape = (-(-(height - reach) // stride), -(-(width - reach) // stride), channels)
    matrix = Matrix(kernel * kernel * before, channels)
    return grown.plus(shape, (matrix,), shape[0] * shape[1], 1, channels)


def _refuse(is_wrong: bool, item: str, allowed: str) -> None:
    if is_wrong:
        raise InputError(f"--layers: read {item!r}, allowed is {allowed}")


def _whole(text: str) -> int:
    try:
        return whole(text.strip())
    except InputError as error:
        raise InputError(f"--layers: {error}") from error
