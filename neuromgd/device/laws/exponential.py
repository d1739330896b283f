"""Exponential steps: a pulse moves the cell by h f(w), f = 1 − A e^{κw + c}.

The first pulse of a write is that step. The others follow as a flow: N(w) numbers the pulses on
the way, and n of them lead from w to N⁻¹(N(w) + n). That one pulse be h f(w) asks for
N(w + h f(w)) = N(w) + 1, whose solution by powers of h is

    N(w) = (1/h) ∫ dw/f + ½ ln f − (h/12)(f' + ∫ f'²/f dw) + O(h²)

with both integrals in closed form, w − (ln f)/κ and κ(f − 1 − ln f). Pulses at once and one by one
then differ by O((h f')³): 1e-6 w.u. for the ReRAM sheet, 1e-3 for the phase-change cell, whose
step shrinks threefold in one pulse. Noise is carried to first order in its size: what a pulse adds
is stretched as the flow stretches (variance within 2 % and 25 % for the same two cells).

A step that grows towards its bound gets there in a finite number of pulses, where the flow ends.

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
# Where a step overtakes the next one, pulses can no longer be numbered; Newton's method goes on.
_STEEPEST = 0.1


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights | None]:
    """Returns the (*array) weight after ``count`` pulses and its variance [w.u.]."""
    r, own = response, lambda name: response.number(f"exponential_{name}")
    scale = 2 * own("slope") / (r.weight_max - r.weight_min)
    up = _upwards(
        r, weight, count, r.step_up, r.weight_max,
        _Bend(own("size_up"), scale * own("rate_up"), own("rate_up") * own("offset")),
    )  # fmt: skip
    # Seen from −w, a downward pulse goes up.
    mean, variance = _upwards(
        r, -weight, count, r.step_down, -r.weight_min,
        _Bend(own("size_down"), scale * own("rate_down"), -own("rate_down") * own("offset")),
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
        """dN/dw = (1 + hf'/2 − h²(f'² + f f'')/12)/(h f)."""
        lost = self.lost(w)
        bend = step * self.slope
        terms = 1 - bend * lost / 2 - bend**2 * lost * (2 * lost - 1) / 12
        return jnp.maximum(terms, _STEEPEST) / (step * (1 - lost))

    def numbers(self, w: Weights, to: Weights, step: Leaf) -> Weights:
        """N(to) − N(w)."""
        lost, lost_to = self.lost(w), self.lost(to)
        log_ratio = jnp.log1p(-lost_to) - jnp.log1p(-lost)
        bend = step * self.slope
        logs = (0.5 - 1 / bend + bend / 12) * log_ratio
        return (to - w) / step + logs + bend / 6 * (lost_to - lost)

    def noise_gain(self, w: Weights, step: Leaf) -> Weights:
        """Squared pulse number that a pulse of relative noise 1 adds: ((1 + hf'/2)/(1 + hf'))²."""
        bend = -step * self.slope * self.lost(w)
        return ((1 + bend / 2) / (1 + bend)) ** 2

    def cubed(self, w: Weights) -> Weights:
        """∫ dw/f³."""
        f = 1 - self.lost(w)
        return w + (1 / f + 1 / (2 * f**2) - jnp.log(f)) / self.slope


def _upwards(
    response: Response, weight: Weights, count: Weights, step: Leaf, bound: Leaf, bend: _Bend
) -> tuple[Weights, Weights | None]:
    lost = bend.lost(weight)
    first = jnp.minimum(weight + step * (1 - lost), bound)
    more = jnp.maximum(jnp.abs(count) - 1, 0)
    inside, top = _pulses_inside(bend, first, more, step, bound)
    end = jnp.where(more > 0, _flow(bend, first, inside, step, top), first)
    end = end + (more - inside) * step * (1 - bend.lost(first))
    relative, additive = response.cycle_noise, additive_noise(response, step)
    if relative is None and additive is None:
        return end, None
    own = jnp.zeros_like(weight)
    if relative is not None:
        own = own + (relative * step * (1 - lost)) ** 2
    if additive is not None:
        own = own + additive**2
    stretch = bend.rate(first, step) / bend.rate(end, step)
    later = _flow_variance(response, bend, first, end, more, step)
    return end, own * stretch**2 + jnp.where(more > 0, later, 0)


def _pulses_inside(
    bend: _Bend, weight: Weights, n: Weights, step: Leaf, bound: Leaf
) -> tuple[Weights, Weights]:
    """Returns how many of n pulses a growing step takes to its bound, and how far those may lead.

    A growing step runs away in a finite number of pulses, and there is no flow beyond. Those that
    are left over go on evenly from the bound: whoever writes cuts them off.
    """
    is_growing = bend.slope * bend.lost(weight) < 0
    to_bound = bend.numbers(weight, bound + jnp.zeros_like(weight), step)
    inside = jnp.where(is_growing, jnp.clip(n, 0, jnp.maximum(to_bound, 0)), n)
    return inside, jnp.where(is_growing, bound, jnp.inf)


def _flow(bend: _Bend, weight: Weights, n: Weights, step: Leaf, top: Weights) -> Weights:
    """Returns the weight n pulses further on, at most the top [w.u.]."""
    lost = bend.lost(weight)
    # Without the ½ ln f the flow has a closed end, from which Newton's method starts.
    decay = jnp.exp(jnp.clip(-bend.slope * step * n, -_LARGEST_EXPONENT, _LARGEST_EXPONENT))
    left = jnp.maximum(lost + (1 - lost) * decay, jnp.exp(-_LARGEST_EXPONENT))
    end = jnp.minimum(weight - jnp.log(left) / bend.slope, top)
    for _ in range(_NEWTON_STEPS):
        nearer = end - (bend.numbers(weight, end, step) - n) / bend.rate(end, step)
        end = jnp.minimum(nearer, top)
    return jnp.where(lost < 1 - _VANISHED, end, weight)


def _flow_variance(
    response: Response, bend: _Bend, weight: Weights, end: Weights, n: Weights, step: Leaf
) -> Weights:
    relative, additive = response.cycle_noise, additive_noise(response, step)
    variance = jnp.zeros_like(weight)
    rate_0, rate_n = bend.rate(weight, step), bend.rate(end, step)
    if relative is not None:
        first, last = bend.noise_gain(weight, step), bend.noise_gain(end, step)
        # The sum over pulses 0 … n − 1 by the trapezoid rule.
        gains = n * (first + last) / 2 + (first - last) / 2
        variance = variance + gains * (relative / rate_n) ** 2
    if additive is not None:
        path = (bend.cubed(end) - bend.cubed(weight)) / step**3 + (rate_n**2 - rate_0**2) / 2
        variance = variance + jnp.maximum(path, 0) * (additive / rate_n) ** 2
    return variance


EXPONENTIAL = Law(
    pulses,
    step="+dw(1 − A e^(γz)); −dw(1 − A e^(−γz)), z = 2aw/(w_max − w_min) + b",
    error=0.01,
)
