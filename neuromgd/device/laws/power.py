"""Power steps: a pulse moves the cell by dw uᵖ, u the share of the window that is left ahead of it.

u = (w_max − w)/(w_max − w_min) upwards, (w − w_min)/(w_max − w_min) downwards: p = 1 is a soft
bound, a larger p saturates earlier, and dw is the step where all of the window is ahead. One pulse
is u ← u − h uᵖ with h = dw/(w_max − w_min). The first pulse of a write is that step; N(u) numbers
those that follow, and n of them lead from u to N⁻¹(N(u) + n). That one pulse counts as one asks, by
powers of h, for

    N(u) = −(1/h) (u¹⁻ᵖ − 1)/(1 − p) + (p/2) ln u + (h/12)(p uᵖ⁻¹ + p² (uᵖ⁻¹ − 1)/(p − 1)) + O(h²)

so that pulses at once and one by one differ by O((p h)³). Noise is carried to first order.
"""

import jax.numpy as jnp

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.laws.linear import additive_noise, choose
from neuromgd.device.response import Response
from neuromgd.typing import Leaf

_NEWTON_STEPS = 3
# A cell so near to its bound does not move any more, to within float32.
_NEAREST = 1e-6
# Where a step overtakes the next one, pulses can no longer be numbered; Newton's method goes on.
_STEEPEST = 0.1


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights | None]:
    """Returns the (*array) weight after ``count`` pulses and its variance [w.u.]."""
    r, width = response, response.weight_max - response.weight_min
    ahead, behind = (r.weight_max - weight) / width, (weight - r.weight_min) / width
    left, up = _closing(r, ahead, count, r.step_up, width)
    risen, down = _closing(r, behind, count, r.step_down, width)
    return choose(count, (r.weight_max - width * left, up), (r.weight_min + width * risen, down))


def _closing(
    response: Response, share: Weights, count: Weights, step: Leaf, width: Leaf
) -> tuple[Weights, Weights | None]:
    """Returns the share of the window ahead after |count| pulses, and the variance [w.u.²]."""
    p, h = response.number("power_exponent"), step / width
    start = jnp.maximum(share, _NEAREST)
    first = jnp.clip(start - h * start**p, _NEAREST, 1.0)
    more = jnp.maximum(jnp.abs(count) - 1, 0)
    log_first = jnp.log(first)
    log_end = log_first + _way(p, h, log_first, more)
    end = jnp.exp(log_end)
    moved = jnp.where(share > _NEAREST, jnp.where(more > 0, end, first), share)
    relative, additive = response.cycle_noise, additive_noise(response, step)
    if relative is None and additive is None:
        return moved, None
    rate_first, rate_end = _rate(p, h, first), _rate(p, h, end)
    own, later = jnp.zeros_like(share), jnp.zeros_like(share)
    if relative is not None:
        own = own + (relative * step * start**p) ** 2
        one, other = _gain(p, h, first), _gain(p, h, end)
        # The sum over pulses 0 … more − 1 by the trapezoid rule.
        sums = more * (one + other) / 2 + (one - other) / 2
        later = later + sums * (relative * width / rate_end) ** 2
    if additive is not None:
        own = own + additive**2
        q = 1 - 3 * p
        path = -jnp.exp(q * log_first) * _power(q, log_end - log_first) / h**3
        path = path + (rate_end**2 - rate_first**2) / 2
        later = later + jnp.maximum(path, 0) * (additive / rate_end) ** 2
    return moved, own * (rate_first / rate_end) ** 2 + jnp.where(more > 0, later, 0)


def _way(p: Leaf, h: Leaf, log_start: Weights, n: Weights) -> Weights:
    """Returns by how much ln u falls in n pulses (below zero)."""
    q = 1 - p
    # Without the terms beyond 1/h the way has a closed end, from which Newton's method starts.
    reach = -h * n * jnp.exp(-q * log_start)
    is_soft = jnp.abs(q) < 1e-4
    safe = jnp.where(is_soft, -1.0, q)
    way = jnp.where(is_soft, reach, jnp.log1p(safe * reach) / safe)
    for _ in range(_NEWTON_STEPS):
        u = jnp.exp(log_start + way)
        missing = _numbers(p, h, log_start, way) - n
        way = jnp.minimum(way + missing / (u * _rate(p, h, u)), 0)
    return way


def _numbers(p: Leaf, h: Leaf, log_start: Weights, way: Weights) -> Weights:
    """N(u e^way) − N(u)."""
    q = 1 - p
    bent = jnp.exp(-q * log_start) * _power(-q, way)
    return (
        -jnp.exp(q * log_start) * _power(q, way) / h + p / 2 * way
        + h / 12 * (p * (p - 1) + p**2) * bent
    )  # fmt: skip


def _rate(p: Leaf, h: Leaf, u: Weights) -> Weights:
    """Pulses that a change of u takes, −dN/du."""
    bend = p * h * u ** (p - 1)
    terms = 1 - bend / 2 - bend**2 * (2 - 1 / p) / 12
    return jnp.maximum(terms, _STEEPEST) / (h * u**p)


def _gain(p: Leaf, h: Leaf, u: Weights) -> Weights:
    """Squared pulse number that a pulse of relative noise 1 adds: ((1 + hf'/2)/(1 + hf'))²."""
    bend = jnp.minimum(p * h * u ** (p - 1), 1 - _STEEPEST)
    return ((1 - bend / 2) / (1 - bend)) ** 2


def _power(q: Leaf, way: Weights) -> Weights:
    """(e^{q·way} − 1)/q, whose limit at q = 0 is the way."""
    is_small = jnp.abs(q) < 1e-4
    return jnp.where(is_small, way, jnp.expm1(q * way) / jnp.where(is_small, 1.0, q))


POWER = Law(pulses, step="+dw u^p, u = (w_max − w)/(w_max − w_min); mirrored down", error=1e-3)
