"""Steps by pieces: the size of a pulse is linear between points that are given over the window.

With z the place in the window, a pulse up is z ← z + h f_up(z), h = dw/(w_max − w_min), and f is
linear between points at even distances, the first at w_min and the last at w_max. Inside a piece
the size of a step, y = f(z), follows y ← y(1 + q) with q = h f', so that n pulses add
h y((1 + q)ⁿ − 1)/q, and ln(1 + q(z' − z)/(h y))/ln(1 + q), rounded up, lead into the next piece.
A pulse is as large as the place makes it from which it starts: the way through all pieces is exact.
Noise is carried to first order. A step of 0 is never left.
"""

import jax.numpy as jnp

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.laws.linear import additive_noise, choose
from neuromgd.device.response import Response
from neuromgd.typing import Leaf

# Below it a step is constant to within float32; above the other a pulse passes its own end.
_CONSTANT, _STEEPEST = 1e-6, -1 + 1e-6
_LARGEST_EXPONENT = 60.0
_SMALLEST = 1e-20


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights | None]:
    """Returns the (*array) weight after ``count`` pulses and its variance [w.u.]."""
    r, width = response, response.weight_max - response.weight_min
    place, n = (weight - r.weight_min) / width, jnp.abs(count)
    end, up = _through(r, r.number("pieces_up"), place, n, r.step_up, width)
    # Seen from the top, a pulse down goes up.
    sizes = r.number("pieces_down")[::-1]
    left, down = _through(r, sizes, 1 - place, n, r.step_down, width)
    return choose(count, (r.weight_min + width * end, up), (r.weight_max - width * left, down))


def _through(
    response: Response, sizes: Leaf, start: Weights, count: Weights, step: Leaf, width: Leaf
) -> tuple[Weights, Weights | None]:
    """Returns the place after some pulses, at most 1, and the variance of the weight [w.u.²]."""
    relative, additive = response.cycle_noise, additive_noise(response, step)
    pieces, h = len(sizes) - 1, step / width
    place, left, variance = start, count, jnp.zeros_like(start)
    for piece in range(pieces):
        slope = (sizes[piece + 1] - sizes[piece]) * pieces
        size = jnp.maximum(sizes[piece] + slope * (place - piece / pieces), 0)
        q = jnp.maximum(h * slope, _STEEPEST)
        is_last, end = piece == pieces - 1, (piece + 1) / pieces
        ahead = jnp.maximum(end - place, 0) / (h * jnp.maximum(size, _SMALLEST))
        used = left if is_last else jnp.minimum(left, _pulses_to(q, ahead))
        place = place + h * size * _amount(q, used)
        left = left - used
        grown = _power(q, used)
        variance = variance * grown**2
        if relative is not None:
            variance = variance + used * (relative * step * size * grown / (1 + q)) ** 2
        if additive is not None:
            twice = jnp.maximum((1 + q) ** 2 - 1, -1 + 1e-6)
            variance = variance + additive**2 * _amount(twice, used)
    # Beyond the last point nothing is known, and the window ends there.
    place = jnp.where(start < 1, jnp.minimum(place, 1), start)
    return place, None if relative is None and additive is None else variance


def _pulses_to(q: Leaf, ahead: Weights) -> Weights:
    """Returns the whole number of pulses that lead as far as so many of the present size."""
    is_even = jnp.abs(q) < _CONSTANT
    safe = jnp.where(is_even, 1.0, q)
    left = jnp.maximum(1 + safe * ahead, 0)
    number = jnp.where(is_even, ahead, jnp.log(left) / jnp.log1p(safe))
    # Where a step shrinks to 0 on the way, no number of pulses leads there.
    return jnp.ceil(jnp.where(ahead > 0, jnp.where(left > 0, number, jnp.inf), 0))


def _amount(q: Leaf, n: Weights) -> Weights:
    """((1 + q)ⁿ − 1)/q: how many steps of the first size n growing ones amount to."""
    is_even = jnp.abs(q) < _CONSTANT
    safe = jnp.where(is_even, 1.0, q)
    exponent = jnp.minimum(n * jnp.log1p(safe), _LARGEST_EXPONENT)
    return jnp.where(is_even, n, jnp.expm1(exponent) / safe)


def _power(q: Leaf, n: Weights) -> Weights:
    return jnp.exp(jnp.minimum(n * jnp.log1p(q), _LARGEST_EXPONENT))


PIECES = Law(
    pulses,
    step="+dw f_up(w); −dw f_down(w), each linear between even points of the window",
    error=1e-4,
)
