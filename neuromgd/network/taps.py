"""Taps: places in a traced network at which the chip acts, each time that signals come by.

A network is traced once, with a tap at every port of its arrays. It is then run again from the
trace: taps are acted at, in order, and what the actions keep (calls so far, largest values) goes
with the signals through every loop, so that each turn of a loop is a call of its own.
"""

import math
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Primitive, jaxprs_in_params
from jax.extend.core import primitives as p
from jax.interpreters import ad, batching
from jaxtyping import Array

from neuromgd.errors import InputError
from neuromgd.network.loop_operands import loop_operands


class Port(IntEnum):
    """Where a tap is."""

    ROWS = 0  # what drives an array
    COLUMNS = 1  # what comes out of an array
    NEURONS_IN = 2
    NEURONS_OUT = 3


class Tap(NamedTuple):
    """Which tap it is.

    Attributes:
        port: Where it is.
        number: Of the array or the layer of neurons, in the order of first calls.
        axis: The axis of samples; None: it has none.
    """

    port: Port
    number: int
    axis: int | None = 0

    def without_samples(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Returns the shape of what comes by for one sample."""
        return shape if self.axis is None else shape[: self.axis] + shape[self.axis + 1 :]

    def for_all_samples(self, value: Array) -> Array:
        """Returns what is the same for all samples, ready to meet what comes by."""
        return value if self.axis is None else jnp.expand_dims(value, self.axis)


# (its tap, what is kept, the value that comes by, what was noted beside it) -> (kept, value).
Act = Callable[[Tap, Any, Array, tuple[Array, ...]], tuple[Any, Array]]

_tap = Primitive("tap")
_tap.def_impl(lambda value, *noted, tap: value)
_tap.def_abstract_eval(lambda value, *noted, tap: value)


def tapped(tap: Tap, value: Array, *noted: Array) -> Array:
    """Returns the value, with a tap on it.

    Args:
        tap: Which one.
        value: (samples, …) what comes by.
        noted: For the action to know; of as many axes as the value, each of its length or 1.
    """
    return _tap.bind(value, *noted, tap=tap)


def _tap_at_all_places(operands, dims, *, tap: Tap):
    """Sees a value that ``vmap`` holds many of as one, with an axis more in front."""
    moved = [
        jnp.expand_dims(x, 0) if dim is None else jnp.moveaxis(x, dim, 0)
        for x, dim in zip(operands, dims, strict=True)
    ]
    if dims[0] is None:
        sizes = [x.shape[0] for x in moved]
        moved[0] = jnp.broadcast_to(moved[0], (max(sizes), *moved[0].shape[1:]))
    if tap.axis is not None:
        tap = tap._replace(axis=tap.axis + 1)
    return _tap.bind(*moved, tap=tap), 0


def _tap_with_slope(primals, tangents, *, tap: Tap):
    return _tap.bind(*primals, tap=tap), tangents[0]


batching.primitive_batchers[_tap] = _tap_at_all_places
ad.primitive_jvps[_tap] = _tap_with_slope


def run(trace: ClosedJaxpr, inputs: list[Any], act: Act, kept: Any) -> tuple[Any, list[Any]]:
    """Runs a traced network with an action at every tap.

    Args:
        trace: Of the network.
        inputs: Of the trace.
        act: What happens at a tap.
        kept: What goes from tap to tap: a pytree of numbers of fixed shape.

    Returns:
        What is kept at the end, and the outputs of the trace.

    Raises:
        InputError: If a tap is where nothing can go from turn to turn.
    """
    return _run(trace.jaxpr, trace.consts, inputs, act, kept)


def _run(jaxpr: Jaxpr, consts, inputs, act: Act, kept: Any) -> tuple[Any, list[Any]]:
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
    values.update(zip(jaxpr.invars, inputs, strict=True))
    read = lambda atom: atom.val if isinstance(atom, Literal) else values[atom]
    for equation in jaxpr.eqns:
        operands = [read(atom) for atom in equation.invars]
        if equation.primitive is _tap:
            value, *noted = map(jnp.asarray, operands)
            kept, value = act(equation.params["tap"], kept, value, tuple(noted))
            outputs = [value]
        elif not has_taps(equation):
            outputs = _bound(equation, operands)
        else:
            kept, outputs = _inside(equation, operands, act, kept)
        values.update(zip(equation.outvars, outputs, strict=True))
    return kept, [read(atom) for atom in jaxpr.outvars]


def has_taps(equation: JaxprEqn) -> bool:
    """Tells whether there is a tap in what an equation stands for."""
    if equation.primitive is _tap:
        return True
    return any(map(has_taps, (e for j in jaxprs_in_params(equation.params) for e in j.eqns)))


def is_jitted(jaxpr: Jaxpr) -> bool:
    """Tells whether there is a tap in a function that the network compiles by itself."""
    inner = (body for e in jaxpr.eqns for body in jaxprs_in_params(e.params))
    is_here = any(e.primitive is p.jit_p and has_taps(e) for e in jaxpr.eqns)
    return is_here or any(map(is_jitted, inner))


def calls(jaxpr: Jaxpr) -> dict[int, float]:
    """Returns how often signals come out of every array in a pass.

    Infinite: as often as a loop turns, on a condition, or at many places at once.
    """
    found: dict[int, float] = {}
    for equation in jaxpr.eqns:
        if equation.primitive is _tap:
            tap = equation.params["tap"]
            one = (
                {tap.number: 1.0 if tap.axis == 0 else math.inf} if tap.port is Port.COLUMNS else {}
            )
        else:
            inner = [calls(body) for body in jaxprs_in_params(equation.params)]
            times = 1.0 if equation.primitive in _ONCE else math.inf
            one = {number: times * count for each in inner for number, count in each.items()}
        for number, count in one.items():
            found[number] = found.get(number, 0) + count
    return found


def straight(jaxpr: Jaxpr) -> dict[int, int]:
    """Returns the layer of neurons that all of what comes out of an array goes to, and only there.

    Arrays whose signals are shaped, split or added on their way are left out.
    """
    found: dict[int, int] = {}
    for equation in jaxpr.eqns:
        for body in jaxprs_in_params(equation.params):
            found |= straight(body)
    uses: dict[Any, list[JaxprEqn | None]] = {}
    for equation in jaxpr.eqns:
        for atom in equation.invars:
            if not isinstance(atom, Literal):
                uses.setdefault(atom, []).append(equation)
    for atom in jaxpr.outvars:
        if not isinstance(atom, Literal):
            uses.setdefault(atom, []).append(None)
    for equation in jaxpr.eqns:
        if equation.primitive is not _tap or equation.params["tap"].port is not Port.COLUMNS:
            continue
        users = uses.get(equation.outvars[0], [])
        if len(users) != 1 or users[0] is None or users[0].primitive is not _tap:
            continue
        if users[0].params["tap"].port is Port.NEURONS_IN:
            found[equation.params["tap"].number] = users[0].params["tap"].number
    return found


def _bound(equation: JaxprEqn, operands: list[Any]) -> list[Any]:
    params, functions = equation.primitive.get_bind_params(equation.params), []
    if isinstance(params, tuple):  # the form that JAX had up to 0.10.0
        functions, params = params
    with equation.ctx.manager:
        outputs = equation.primitive.bind(*functions, *operands, **params)
    return list(outputs) if equation.primitive.multiple_results else [outputs]


_ONCE = (p.jit_p, p.remat_p, p.closed_call_p, p.custom_jvp_call_p, p.custom_vjp_call_p)


def _inside(equation: JaxprEqn, operands: list[Any], act: Act, kept: Any) -> tuple[Any, list[Any]]:
    params = equation.params
    if equation.primitive in _ONCE:
        body = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
        if isinstance(body, ClosedJaxpr):
            return run(body, operands, act, kept)
        return _run(body, (), operands, act, kept)
    kept = jax.tree.map(jnp.asarray, kept)
    if equation.primitive is p.scan_p:
        return _scanned(equation, operands, act, kept)
    if equation.primitive is p.while_p and not any(map(has_taps, params["cond_jaxpr"].eqns)):
        return _repeated(params, operands, act, kept)
    if equation.primitive is p.cond_p:
        # The way that is taken decides which calls there were.
        ways = [partial(run, branch, act=act) for branch in params["branches"]]
        calls = [lambda kept, x, way=way: way(x, kept=kept) for way in ways]
        return jax.lax.switch(operands[0], calls, kept, operands[1:])
    raise InputError(f"network: an array is called inside {equation.primitive}, which hides it")


def _scanned(equation: JaxprEqn, operands: list[Any], act: Act, kept: Any):
    params, (constants, states) = equation.params, loop_operands(equation)
    carried = constants + states

    def turn(state, x):
        kept, carry = state
        inputs = [*operands[:constants], *carry, *x]
        kept, outputs = run(params["jaxpr"], inputs, act, kept)
        return (kept, outputs[:states]), outputs[states:]

    (kept, carry), stacked = jax.lax.scan(
        turn,
        (kept, operands[constants:carried]),
        operands[carried:],
        length=params["length"],
        reverse=params["reverse"],
        unroll=params["unroll"],
    )
    return kept, [*carry, *stacked]


def _repeated(params: dict[str, Any], operands: list[Any], act: Act, kept: Any):
    asks = params["cond_nconsts"]
    turns = asks + params["body_nconsts"]

    def goes_on(state):
        _, (answer,) = run(params["cond_jaxpr"], [*operands[:asks], *state[1]], act, None)
        return answer

    def turn(state):
        return run(params["body_jaxpr"], [*operands[asks:turns], *state[1]], act, state[0])

    return jax.lax.while_loop(goes_on, turn, (kept, operands[turns:]))
