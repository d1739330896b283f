"""Exponential steps: a pulse moves the cell by h f(w), f = 1 − A e^{κw + c}.

Pulses are a flow: N(w) numbers the pulses on the way, and n of them lead from w to N⁻¹(N(w) + n),
so that n pulses at once are n pulses one by one. That one pulse be h f(w) asks for
N(w + h f(w)) = N(w) + 1, whose solution by powers of h is

    N(w) = (1/h) ∫ dw/f + ½ ln f + O(h)   with   ∫ dw/f = w − (ln f)/κ.

One pulse is then h f(w) up to a relative error of (h f')²/12: 1e-5 at worst for the ReRAM sheet,
4 % for the first pulse of a reset phase-change cell, whose step shrinks threefold in one pulse.
Noise is carried to first order in its size: what a pulse adds is stretched as the flow stretches.

References:
    Gong et al., Nat. Commun. 9, 2102 (2018), and Rasch et al., AICAS 2021: the form of the step.
"""

import jax.numpy as jnp

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.laws.linear import additive_noise, choose
from neuromgd.device.response import Response
from neuromgd.typing import Leaf

_NEWTON_STEPS = 4
_LARGEST_EXPONENT = 60.0
# A step smaller than this share of the one at zero weight has vanished.
_VANISHED = 1e-6


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights | None]:
    """Returns the (*array) weight after ``count`` pulses and its variance [w.u.]."""
    r, law = response, response.exponential
    assert law is not None, "the exponential law needs the exponential numbers of a device"
    scale = 2 * law.slope / (r.weight_max - r.weight_min)
    up = _upwards(
        r, weight, count, r.step_up,
        _Bend(law.size_up, scale * law.rate_up, law.rate_up * law.offset),
    )  # fmt: skip
    # Seen from −w, a downward pulse goes up.
    mean, variance = _upwards(
        r, -weight, count, r.step_down,
        _Bend(law.size_down, scale * law.rate_down, -law.rate_down * law.offset),
    )  # fmt: skip
    return choose(count, up, (-mean, variance))


class _Bend:
    """The step f(w) of one direction, and the pulse number N(w) that belongs to it."""

    def __init__(self, size: Leaf, slope: Leaf, offset: Leaf):
        self.size, self.slope, self.offset = size, slope, offset

    def lost(self, w: Weights) -> Weights:
        """1 − f = A e^{κw + c}, kept from where the step would turn."""
        exponent = jnp.clip(self.slope * w + self.offset, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)
        return jnp.minimum(self.size * jnp.exp(exponent), 1 - _VANISHED)

    def rate(self, w: Weights, step: Leaf) -> Weights:
        """dN/dw = (1/h + f'/2)/f."""
        lost = self.lost(w)
        return (1 / step - self.slope * lost / 2) / (1 - lost)

    def numbers(self, w: Weights, to: Weights, step: Leaf) -> Weights:
        """N(to) − N(w)."""
        log_ratio = jnp.log1p(-self.lost(to)) - jnp.log1p(-self.lost(w))
        return (to - w) / step + (0.5 - 1 / (self.slope * step)) * log_ratio

    def noise_gain(self, w: Weights, step: Leaf) -> Weights:
        """Squared pulse number that a pulse of relative noise 1 adds: ((1 + hf'/2)/(1 + hf'))²."""
        bend = -step * self.slope * self.lost(w)
        return ((1 + bend / 2) / (1 + bend)) ** 2

    def cubed(self, w: Weights) -> Weights:
        """∫ dw/f³."""
        f = 1 - self.lost(w)
        return w + (1 / f + 1 / (2 * f**2) - jnp.log(f)) / self.slope


def _upwards(
    response: Response, weight: Weights, count: Weights, step: Leaf, bend: _Bend
) -> tuple[Weights, Weights | None]:
    n = jnp.abs(count)
    lost = bend.lost(weight)
    # Without the ½ ln f the flow has a closed end, from which Newton's method starts.
    decay = jnp.exp(jnp.clip(-bend.slope * step * n, -_LARGEST_EXPONENT, _LARGEST_EXPONENT))
    left = jnp.maximum(lost + (1 - lost) * decay, jnp.exp(-_LARGEST_EXPONENT))
    end = weight - jnp.log(left) / bend.slope
    for _ in range(_NEWTON_STEPS):
        end = end - (bend.numbers(weight, end, step) - n) / bend.rate(end, step)
    end = jnp.where((lost < 1 - _VANISHED) & (n > 0), end, weight)
    return end, _variance(response, bend, weight, end, n, step)


def _variance(
    response: Response, bend: _Bend, weight: Weights, end: Weights, n: Weights, step: Leaf
) -> Weights | None:
    relative, additive = response.cycle_noise, additive_noise(response, step)
    if relative is None and additive is None:
        return None
    variance = jnp.zeros_like(weight)
    rate_0, rate_n = bend.rate(weight, step), bend.rate(end, step)
    if relative is not None:
        first, last = bend.noise_gain(weight, step), bend.noise_gain(end, step)
        # The sum over pulses 0 … n − 1 by the trapezoid rule.
        gains = n * (first + last) / 2 + (first - last) / 2
        variance = gains * (relative / rate_n) ** 2
    if additive is not None:
        path = (bend.cubed(end) - bend.cubed(weight)) / step**3 + (rate_n**2 - rate_0**2) / 2
        variance = variance + jnp.maximum(path, 0) * (additive / rate_n) ** 2
    return variance


EXPONENTIAL = Law(pulses)
