"""What a sample asks of the arrays: which products, how often, and what waits for what.

Plain numbers, without the network itself: a convolution is one matrix that is used for one patch
after the other, a recurrent layer one that is used again once its own result is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from neuromgd.errors import InputError

# The largest network whose time is told.
MOST_STAGES, WIDEST, MOST_CALLS = 512, 10**9, 10**12


@dataclass(frozen=True)
class Matrix:
    """Weights that are read together: rows are driven, columns are read.

    Attributes:
        rows: Inputs of one product.
        columns: Outputs of one product.
        apart: Matrices of this shape that work side by side on inputs of their own, such as the
            groups of a convolution or a stack of heads.
    """

    rows: int
    columns: int
    apart: int = 1


@dataclass(frozen=True)
class Product:
    """Uses of one matrix that do not wait for each other.

    Attributes:
        matrix: Number of the matrix.
        calls: Products for one sample; one array does them one after the other.
        looks_up: Whether a row is chosen by its number, not all rows driven.
    """

    matrix: int
    calls: int = 1
    looks_up: bool = False


@dataclass(frozen=True)
class Stage:
    """Products side by side; what follows waits for all of them."""

    products: tuple[Product, ...]


@dataclass(frozen=True)
class Loop:
    """Stages one after the other, and all of that so many times, each turn after the one before."""

    stages: tuple[Stage, ...]
    turns: int = 1


@dataclass(frozen=True)
class Products:
    """All that a forward pass asks of the arrays.

    Attributes:
        matrices: Weights in arrays.
        loops: What a sample goes through, in order.
        inputs: Numbers of one sample.
        outputs: Numbers of one answer.
        parameters: All weights, those in no matrix (biases, scales) included.
    """

    matrices: tuple[Matrix, ...]
    loops: tuple[Loop, ...]
    inputs: int
    outputs: int
    parameters: int

    def __post_init__(self):
        for matrix in self.matrices:
            sizes = (matrix.rows, matrix.columns, matrix.apart)
            if not all(1 <= size <= WIDEST for size in sizes):
                raise InputError(f"network: read a matrix of {sizes}, allowed are 1 to {WIDEST}")
        stages = list(self.stages)
        if not 1 <= len(stages) <= MOST_STAGES or max(self.inputs, self.outputs) > WIDEST:
            raise InputError(
                f"layers: read {len(stages)} with {self.inputs} inputs and {self.outputs} outputs, "
                f"allowed are 1 to {MOST_STAGES} layers of {WIDEST} units at most"
            )
        for stage, turns in stages:
            for product in stage.products:
                if not 0 <= product.matrix < len(self.matrices):
                    raise InputError(f"network: read matrix {product.matrix}, which is not there")
                if not 1 <= product.calls * turns <= MOST_CALLS:
                    raise InputError(
                        f"network: read {product.calls} calls in {turns} turns, allowed are 1 to "
                        f"{MOST_CALLS} in all"
                    )

    @property
    def stages(self) -> Iterator[tuple[Stage, int]]:
        """Every stage, in order, with the turns of its loop."""
        return ((stage, loop.turns) for loop in self.loops for stage in loop.stages)

    @cached_property
    def resources(self) -> list[str]:
        """The resource of every stage: stages that use the same matrix are one."""
        owner: dict[int, int] = {}
        found: list[int] = []
        for stage_, _ in self.stages:
            matrices = {one.matrix for one in stage_.products}
            number = len(found) + 1
            joined = {owner[matrix] for matrix in matrices if matrix in owner}
            found.append(number)
            for old in joined:
                found = [number if one == old else one for one in found]
                owner = {matrix: number if one == old else one for matrix, one in owner.items()}
            owner |= dict.fromkeys(matrices, number)
        order = {number: f"layer {place}" for place, number in enumerate(dict.fromkeys(found), 1)}
        return [order[number] for number in found]

    @property
    def turns(self) -> int:
        """Uses of the matrix that is used most often, one after the other."""
        return max(turns * one.calls for stage, turns in self.stages for one in stage.products)

    @property
    def operations(self) -> int:
        """Multiplications and additions of one forward pass, two for every weight and use [1]."""
        return sum(
            2 * turns * product.calls * one.columns * one.apart * (
                1 if product.looks_up else one.rows
            )
            for stage, turns in self.stages
            for product in stage.products
            for one in (self.matrices[product.matrix],)
        )  # fmt: skip


def dense(layers: tuple[int, ...]) -> Products:
    """Returns the products of dense layers: each one matrix, used once a sample."""
    shapes = tuple(pairwise(layers))
    return Products(
        matrices=tuple(Matrix(*shape) for shape in shapes),
        loops=tuple(Loop((Stage((Product(number),)),)) for number in range(len(shapes))),
        inputs=layers[0],
        outputs=layers[-1],
        parameters=sum((inputs + 1) * outputs for inputs, outputs in shapes),
    )
