"""The curve that a form of step draws: rows are reached by closed forms, not pulse by pulse.

Everything is on x = (G − G_low)/(range of the data). Parameters are the x of every start, then
those of upward steps, then those of downward ones, where the data have them.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuromgd.characterise.curve import Data

Vector = NDArray[np.float64]
# Outside these x no curve is followed.
_LOW, _HIGH = -3.0, 4.0
# Up to so many pulses between two rows steps are taken one by one; of more, the first few.
_ONE_BY_ONE, _FIRST = 300, 50
_LARGEST_EXPONENT = 50.0


class Run(NamedTuple):
    """Rows in one direction.

    Attributes:
        first: Row from which its pulses start.
        sign: 1 or −1; 0: readings without a pulse between them.
        counts: (rows,) pulses between each row and the next.
    """

    first: int
    sign: int
    counts: NDArray[np.int64]


class Plan(NamedTuple):
    """What was done to a cell.

    Attributes:
        rows: How many readings there are.
        starts: Rows at which it was set anew.
        runs: Rows in one direction, in order; none leads to a start.
        ways: Directions that occur, in the order of parameters.
    """

    rows: int
    starts: tuple[int, ...]
    runs: tuple[Run, ...]
    ways: tuple[int, ...]


def plan(data: Data) -> Plan:
    """Returns what was done to the cell of a curve."""
    signs = np.sign(data.pulses)
    edges = {0, *(np.flatnonzero(np.diff(signs)) + 1).tolist()}
    for start in data.starts[1:]:
        edges |= {start - 1, start}
    edges = sorted(edge for edge in edges if edge < len(signs))
    runs = tuple(
        Run(first, int(signs[first]), np.abs(data.pulses[first:last]))
        for first, last in zip(edges, [*edges[1:], len(signs)], strict=True)
        if first + 1 not in data.starts
    )
    ways = tuple(way for way in (1, -1) if any(run.sign == way for run in runs))
    return Plan(len(data.conductance), data.starts, runs, ways)


# (parameters of one direction, its sign, x before, pulses so far (rows,)) -> x after each.
Along = Callable[[Vector, int, float, NDArray[np.int64]], Vector]


def path(along: Along, size: int, parameters: Vector, done: Plan) -> Vector:
    """Returns the (rows,) curve.

    Args:
        along: How one direction goes.
        size: Parameters of one direction.
        parameters: (starts + ways·size,).
        done: What was done to the cell.
    """
    x = np.empty(done.rows)
    x[list(done.starts)] = parameters[: len(done.starts)]
    first = len(done.starts)
    own = {way: parameters[first + i * size :][:size] for i, way in enumerate(done.ways)}
    for run in done.runs:
        inside = slice(run.first + 1, run.first + 1 + len(run.counts))
        if run.sign:
            x[inside] = along(own[run.sign], run.sign, float(x[run.first]), np.cumsum(run.counts))
        else:
            x[inside] = x[run.first]
    return x


def linear(p: Vector, sign: int, x: float, pulses: NDArray[np.int64]) -> Vector:
    """Steps α − κx: x_n = x ± (α − κx)(1 − mⁿ)/(1 − m), m = 1 ∓ κ."""
    alpha, kappa = float(p[0]), float(p[1])
    q = min(sign * kappa, 1 - 1e-9)
    if abs(q) < 1e-14:
        amount = pulses.astype(float)
    else:
        exponent = np.minimum(pulses * math.log1p(-q), _LARGEST_EXPONENT)
        amount = -np.expm1(exponent) / q
    return np.clip(x + sign * (alpha - kappa * x) * amount, _LOW, _HIGH)


def exponential(p: Vector, sign: int, x: float, pulses: NDArray[np.int64]) -> Vector:
    """Steps α − κ e^{λ(x − x*)}, with x* = 1 where λ > 0 and else 0, so that both are of one size.

    Few pulses are taken one by one. Many are a flow of the time n − ½ ln(f_end/f_start), which is
    the pulse number to second order in the change of a step.
    """
    alpha, kappa, rate = float(p[0]), float(p[1]), float(p[2])
    size = kappa * math.exp(-rate) if rate > 0 else kappa
    out: list[float] = []
    done, exp, low, high = 0, math.exp, _LOW, _HIGH
    for number in pulses.tolist():
        left = number - done
        for _ in range(left if left <= _ONE_BY_ONE else _FIRST):
            x += sign * (alpha - size * exp(rate * x))
            x = low if x < low else high if x > high else x
        if left > _ONE_BY_ONE:
            x = _flow(alpha, size, rate, sign, x, float(left - _FIRST))
        done = number
        out.append(x)
    return np.array(out)


def _flow(alpha: float, size: float, rate: float, sign: int, x: float, pulses: float) -> float:
    """Returns x after a time on dx/dn = ±(α − size e^{λx}): e^{−λx} goes to size/α evenly."""
    before, start = alpha - size * math.exp(rate * x), math.exp(-rate * x)
    end, time = x, float(pulses)
    for _ in range(3):
        decay = math.exp(max(min(-sign * rate * alpha * time, 200.0), -200.0))
        inverse = size / alpha + (start - size / alpha) * decay
        if inverse <= 0:
            return _HIGH if sign > 0 else _LOW
        end = max(min(-math.log(inverse) / rate, _HIGH), _LOW)
        after = alpha - size * math.exp(rate * end)
        if before <= 0 or after <= 0:
            break
        time = pulses - 0.5 * math.log(after / before)
    return end
