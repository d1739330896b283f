"""How the weights of a module lie in crossbars: which of their axes are rows, which are columns."""

import math
from typing import NamedTuple

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from neuromgd.errors import InputError
from neuromgd.network.arrays import Call


class Unfolding(NamedTuple):
    """Which axes of an array are what; axes in front of them are of a stack of such arrays.

    Attributes:
        shape: Of the array, as its module sees it.
        apart: Axes along which every place is a crossbar of its own.
        rows: Axes that together are rows.
        columns: Axes that together are columns.
        groups: Crossbars that the columns are dealt to, as those of a grouped convolution.
    """

    shape: tuple[int, ...]
    apart: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    groups: int = 1

    def unfolded(self, array: Float[Array, "*array"]) -> Float[Array, "crossbars rows columns"]:
        """Returns the crossbars that hold an array."""
        rows, columns = (
            math.prod(self.shape[a] for a in axes) for axes in (self.rows, self.columns)
        )
        moved = jnp.transpose(array, self._order(array.ndim))
        dealt = moved.reshape(-1, rows, self.groups, columns // self.groups)
        return jnp.moveaxis(dealt, 2, 1).reshape(-1, rows, columns // self.groups)

    def folded(
        self, cells: Float[Array, "crossbars rows columns"], shape: tuple[int, ...]
    ) -> Float[Array, "*array"]:
        """Returns the array of a shape that lies in crossbars."""
        order = self._order(len(shape))
        dealt = cells.reshape(-1, self.groups, *cells.shape[1:])
        moved = jnp.moveaxis(dealt, 1, 2).reshape([shape[axis] for axis in order])
        return jnp.transpose(moved, [order.index(axis) for axis in range(len(shape))])

    def _order(self, ndim: int) -> list[int]:
        stack = ndim - len(self.shape)
        own = (*self.apart, *self.rows, *self.columns)
        return [*range(stack), *(stack + axis for axis in own)]


def plain(shape: tuple[int, ...]) -> Unfolding:
    """Returns how an array lies whose last axis is its columns, all others together its rows."""
    axes = tuple(range(len(shape)))
    return Unfolding(shape, (), axes[:-1], axes[-1:])


def unfolding(call: Call, name: str, shape: tuple[int, ...]) -> Unfolding:
    """Returns how one array of weights of a module lies in crossbars.

    Signals of one row drive all its cells, so weights that are driven by different signals are in
    different rows; a convolution is driven by one patch after the other. A bias is a row by itself.

    Args:
        call: Of the module.
        name: Of the array in it.
        shape: As the module sees it.
    """
    module, axes = call.module, tuple(range(len(shape)))
    if name == "bias":
        return Unfolding(shape, (), (), axes)
    if isinstance(module, nn.DenseGeneral):
        apart, inputs = (_count(dims) for dims in (module.batch_dims, module.axis))
        return Unfolding(shape, axes[:apart], axes[apart : apart + inputs], axes[apart + inputs :])
    if isinstance(module, nn.Einsum):
        return _of_einsum(call.options.get("einsum_str") or module.einsum_str or "", shape)
    if isinstance(module, nn.ConvLocal):
        return Unfolding(shape, axes[:-2], axes[-2:-1], axes[-1:])
    if isinstance(module, nn.ConvTranspose) and module.transpose_kernel:
        return Unfolding(shape, (), (*axes[:-2], axes[-1]), axes[-2:-1])
    if isinstance(module, nn.Conv):
        return plain(shape)._replace(groups=module.feature_group_count)
    return plain(shape)


def refuse_other_stacks(name: str, own: Unfolding, shape: tuple[int, ...]) -> None:
    """Raises InputError if arrays are stacked along another axis than the first."""
    if shape[len(shape) - len(own.shape) :] != own.shape:
        raise InputError(
            f"network: {name} is a stack of {own.shape} as {shape}; crosstalk and drop need stacks"
            " along the first axis"
        )


def _count(dims: object) -> int:
    return len(dims) if isinstance(dims, (tuple, list)) else 1


def _of_einsum(equation: str, shape: tuple[int, ...]) -> Unfolding:
    """Returns rows of what is summed over, columns of what the kernel brings to the output."""
    operands, output = equation.replace(" ", "").split("->")
    inputs, kernel = operands.split(",")
    labels: list[str] = list(kernel)
    if "..." in kernel:
        before, after = kernel.split("...")
        dots = len(shape) - len(before) - len(after)
        labels = [*before, *["."] * dots, *after]
    apart, rows, columns = [], [], []
    for axis, label in enumerate(labels):
        where = rows if label not in output else apart if label in inputs else columns
        where.append(axis)
    return Unfolding(shape, tuple(apart), tuple(rows), tuple(columns))
