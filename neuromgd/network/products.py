"""The products of a forward pass, read off its trace: no number of the network is worked out.

Every leaf of the weights is followed through the trace. Where it meets signals in a product or a
convolution, or is looked up in, it is a matrix that is used; how many uses its signals have been
through before says what it waits for.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal
from jax.extend.core import primitives as p

from neuromgd.errors import InputError
from neuromgd.network.loop_operands import loop_operands
from neuromgd.network.network import Network
from neuromgd.network.uses import Use, in_order, turned, unrolled
from neuromgd.timing.products import MOST_STAGES, Matrix, Product, Products


class _Value(NamedTuple):
    """What is known of a value in a trace.

    Attributes:
        leaves: Weights that it is made of.
        part: Which part of them, where it is one of several.
        level: Uses of weights one after the other that it has been through; None: it does not
            hang on the sample.
    """

    leaves: frozenset[int] = frozenset()
    part: tuple = ()
    level: int | None = None


_NOTHING, _SIGNAL = _Value(), _Value(level=0)


def products(network: Network, shape: tuple[int, ...], dtype: Any) -> Products:
    """Tells what a forward pass of one sample asks of the arrays.

    Args:
        network: Forward pass.
        shape: Of one input.
        dtype: Of its inputs.

    Raises:
        InputError: If it asks for nothing, or in a loop of a length that hangs on the signals.
    """
    return _read(network, shape, dtype)[0]


def matrices_of(
    network: Network, shape: tuple[int, ...], dtype: Any, paths: Sequence[tuple[str, ...]]
) -> tuple[int, ...]:
    """Returns the numbers of the matrices that are weights of some modules; see ``products``."""
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    modules = [
        tuple(str(getattr(key, "key", key)) for key in path[:-1])
        for path, _ in jax.tree.leaves_with_path(theta)
    ]
    leaves = _read(network, shape, dtype)[1]
    return tuple(number for number, leaf in enumerate(leaves) if modules[leaf] in paths)


@lru_cache(maxsize=64)
def _read(network: Network, shape: tuple[int, ...], dtype: Any) -> tuple[Products, tuple[int, ...]]:
    """Returns what a pass asks for, and the leaf of the weights that every matrix is."""
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    sizes = [leaf.shape for leaf in jax.tree.leaves(theta)]
    trace, given = jax.make_jaxpr(network.apply, return_shape=True)(
        theta, jax.ShapeDtypeStruct((1, *shape), dtype)
    )
    reader = _Reader(sizes)
    start = [_Value(frozenset({number})) for number in range(len(sizes))]
    uses, _ = reader.read(trace, [*start, _SIGNAL])
    if not uses:
        raise InputError("network: no weights of it are in an array, so no clock can tell its time")
    found = Products(
        matrices=tuple(reader.matrices),
        loops=in_order(uses),
        inputs=math.prod(shape),
        outputs=math.prod(given.shape[1:]),
        parameters=sum(map(math.prod, sizes)),
    )
    return found, tuple(leaf for leaf, _ in reader.known)


class _Reader:
    """Follows values through a trace.

    Attributes:
        sizes: Shape of every leaf.
        matrices: Found so far.
        known: Leaf and part -> number of the matrix.
    """

    def __init__(self, sizes: list[tuple[int, ...]]):
        self.sizes = sizes
        self.matrices: list[Matrix] = []
        self.known: dict[Any, int] = {}

    def read(
        self, trace: ClosedJaxpr | Jaxpr, values: Sequence[_Value]
    ) -> tuple[list[Use], list[_Value]]:
        """Returns the uses in a trace, and what comes out of it."""
        jaxpr = trace.jaxpr if isinstance(trace, ClosedJaxpr) else trace
        at: dict[Any, _Value] = dict.fromkeys(jaxpr.constvars, _NOTHING)
        at.update(zip(jaxpr.invars, values, strict=True))
        uses: list[Use] = []
        look = lambda atom: _NOTHING if isinstance(atom, Literal) else at[atom]
        for equation in jaxpr.eqns:
            found = self.equation(equation, [look(atom) for atom in equation.invars], uses)
            at.update(zip(equation.outvars, found, strict=True))
        return uses, [look(atom) for atom in jaxpr.outvars]

    def equation(self, equation: JaxprEqn, values: list[_Value], uses: list[Use]) -> list[_Value]:
        """Returns what comes out of one equation; adds the uses in it."""
        name, params = equation.primitive.name, equation.params
        if equation.primitive is p.scan_p:
            return self.scanned(equation, values, uses)
        if equation.primitive is p.cond_p:
            return self.one_of(params["branches"], values[1:], uses)
        if equation.primitive is p.while_p:
            known = [v if v.leaves else _SIGNAL for v in values[params["cond_nconsts"] :]]
            found, _ = self.read(params["body_jaxpr"], known)
            if found:
                raise InputError(
                    "network: it uses an array in a loop whose length hangs on the signals, so no "
                    "clock can tell its time"
                )
        body = params.get("jaxpr", params.get("call_jaxpr"))
        if isinstance(body, (ClosedJaxpr, Jaxpr)):
            found, outputs = self.read(body, values)
            uses += found
            return outputs
        level = max((v.level for v in values if v.level is not None), default=None)
        used = self.used(equation, values)
        if used:
            uses.append(Use(level or 0, used))
            return [_Value(level=(level or 0) + 1)] * len(equation.outvars)
        if level is not None:
            return [_Value(level=level)] * len(equation.outvars)
        leaves = frozenset().union(*(v.leaves for v in values))
        part = next((v.part for v in values if v.part), ())
        if name == "slice" and leaves:
            part = (*part, equation.params["start_indices"])
        return [_Value(leaves, part)] * len(equation.outvars)

    def used(self, equation: JaxprEqn, values: list[_Value]) -> tuple[Product, ...]:
        """Returns the products of weights with signals in an equation."""
        name, params = equation.primitive.name, equation.params
        places = [i for i, v in enumerate(values) if v.leaves]
        if len(places) != 1:
            return ()
        place, weights = places[0], values[places[0]]
        shape, out = _shape(equation.invars[place]), _shape(equation.outvars[0])
        apart = 1
        if name == "dot_general":
            over, batch = (axes[place] for axes in params["dimension_numbers"])
            apart, rows = (math.prod(shape[axis] for axis in axes) for axes in (batch, over))
        elif name == "conv_general_dilated" and place == 1:
            apart = params["feature_group_count"]
            rows = math.prod(shape) // shape[params["dimension_numbers"].rhs_spec[0]]
        elif name == "gather" and place == 0 and values[1].level is not None:
            rows = math.prod(shape) // params["slice_sizes"][-1]
        else:
            return ()
        columns = math.prod(shape) // (apart * rows)
        calls = math.prod(out) // (apart * columns)
        return tuple(
            Product(matrix, calls, name == "gather")
            for matrix in self.numbers(weights, Matrix(rows, columns, apart))
        )

    def numbers(self, weights: _Value, cut: Matrix) -> list[int]:
        """Returns the numbers of the matrices that a product is of, one for every leaf."""
        found = []
        for leaf in sorted(weights.leaves):
            key = (leaf, weights.part)
            if key not in self.known:
                self.known[key] = len(self.matrices)
                self.matrices.append(self.own(leaf, cut) if len(weights.leaves) > 1 else cut)
            found.append(self.known[key])
        return found

    def own(self, leaf: int, cut: Matrix) -> Matrix:
        """Returns the share of one leaf in a product of several that were joined."""
        size = math.prod(self.sizes[leaf]) // cut.apart
        if size % cut.rows == 0:
            return Matrix(cut.rows, size // cut.rows, cut.apart)
        return Matrix(-(-size // cut.columns), cut.columns, cut.apart)

    def scanned(self, equation: JaxprEqn, values: list[_Value], uses: list[Use]) -> list[_Value]:
        """Reads a loop: turns that wait for each other, or are alike and wait for nothing."""
        body, turns = equation.params["jaxpr"], equation.params["length"]
        constants, states = loop_operands(equation)
        fixed, carry, over = (
            values[:constants], values[constants : constants + states],
            values[constants + states :],
        )  # fmt: skip
        # A state that starts as a constant hangs on the sample from the second turn on.
        start = [v if v.leaves else _SIGNAL for v in carry]
        level = max((v.level or 0 for v in values), default=0)
        here = lambda value: value._replace(level=None if value.level is None else 0)
        given = [*map(here, fixed), *map(here, start)]

        def turn(number: int, state: list[_Value]) -> tuple[list[Use], list[_Value]]:
            shown = [v._replace(part=(*v.part, number)) if v.leaves else here(v) for v in over]
            return self.read(body, [*given[:constants], *state, *shown])

        found, out = turn(0, given[constants:])
        if not found:
            return [v if v.leaves else _Value(level=level) for v in out]
        later = [v._replace(level=o.level) if o.level else v
                 for v, o in zip(given[constants:], out[:states], strict=True)]  # fmt: skip
        waits = [use.level for use in turn(0, later)[0]] != [use.level for use in found]
        if any(v.leaves for v in over):
            if turns > MOST_STAGES:
                raise InputError(f"network: a stack of {turns} arrays, allowed are {MOST_STAGES}")
            each = [turn(number, given[constants:])[0] for number in range(turns)]
            loops = unrolled(each)
        else:
            loops = turned(found, turns, waits)
        uses.append(Use(level, (), loops))
        return [_Value(level=level + 1)] * len(out)

    def one_of(
        self, branches: Sequence[ClosedJaxpr], values: list[_Value], uses: list[Use]
    ) -> list[_Value]:
        """Reads a choice: the way that asks for most, since which one is taken is not known."""
        ways = [self.read(branch, values) for branch in branches]
        found, _ = max(ways, key=lambda way: sum(use.calls for use in way[0]))
        uses += found
        outputs = zip(*(way[1] for way in ways), strict=True)
        return [_deepest(each) for each in outputs]


def _deepest(values: Sequence[_Value]) -> _Value:
    levels = [v.level for v in values if v.level is not None]
    return _Value(level=max(levels)) if levels else values[0]


def _shape(atom: Any) -> tuple[int, ...]:
    return atom.aval.shape
