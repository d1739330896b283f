"""Linear steps: each pulse moves the cell by a step that shrinks linearly towards a bound.

γ = 0 is a constant step and γ = 1 a soft bound. With x = 1 − γ w/b, the size of the step over
that at zero weight, one pulse of signed step s = ±dw with noise is

    w ← w + s (x (1 + σ ξ) + σ_a ζ),   x ← x (m − q σ ξ) − q σ_a ζ,   q = γ s/b,  m = 1 − q.

x is therefore a random linear recursion. Its mean is x mⁿ and, with M = m² + q²σ², its variance

    x² (Mⁿ − m²ⁿ) + q²σ_a² (1 − Mⁿ)/(1 − M),

both exact for any number of pulses n that do not meet a bound.

References:
    Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016): constant step.
    Fusi and Abbott, Nat. Neurosci. 10, 485 (2007): soft bounds.
"""

import jax.numpy as jnp

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.response import Response
from neuromgd.typing import Leaf

# Below it a step is constant to within float32; above the other a cell is at its bound anyway.
_CONSTANT, _FULL = 1e-12, 1 - 1e-6
_LARGEST_EXPONENT = 60.0


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights | None]:
    """Returns the (*array) weight after ``count`` pulses and its variance [w.u.]."""
    r, gammas = response, response.law_numbers
    low, high = slope_bounds(r)
    up = one_way(r, weight, count, r.step_up, high, gammas.get("nonlinearity_up"))
    down = one_way(r, weight, count, -r.step_down, low, gammas.get("nonlinearity_down"))
    return choose(count, up, down)


def slope_bounds(response: Response) -> tuple[Leaf, Leaf]:
    """Returns the lowest and the highest weight that γ is told over [w.u.]."""
    low, high = response.slope_min, response.slope_max
    return response.weight_min if low is None else low, (
        response.weight_max if high is None else high
    )


def choose(
    count: Weights, up: tuple[Weights, Weights | None], down: tuple[Weights, Weights | None]
) -> tuple[Weights, Weights | None]:
    """Returns the result of the direction that each cell was pulsed in."""
    mean = jnp.where(count > 0, up[0], down[0])
    if up[1] is None or down[1] is None:
        return mean, None
    return mean, jnp.where(count > 0, up[1], down[1])


def one_way(
    response: Response,
    weight: Weights,
    count: Weights,
    step: Leaf,
    bound: Leaf,
    nonlinearity: Leaf | None,
) -> tuple[Weights, Weights | None]:
    """Returns mean and variance of the weight after |count| pulses in one direction [w.u.].

    Args:
        response: Of the cells; its cycle noise is used.
        weight: (*array) before [w.u.].
        count: (*array) pulses, of any sign.
        step: Signed size of a pulse at zero weight [w.u.].
        bound: At which 1 − γ w/bound shrinks the step [w.u.].
        nonlinearity: γ [1]; None: constant.
    """
    n = jnp.abs(count)
    multiplicative = response.cycle_noise
    additive = additive_noise(response, jnp.abs(step))
    if nonlinearity is None:
        variance = _sum(
            None if multiplicative is None else n * (step * multiplicative) ** 2,
            None if additive is None else n * additive**2,
        )
        return weight + n * step, variance
    x = 1 - nonlinearity * weight / bound
    shrink = jnp.minimum(nonlinearity * step / bound, _FULL)
    is_constant = jnp.abs(shrink) < _CONSTANT
    q = jnp.where(is_constant, 0.5, shrink)
    log_m = jnp.log1p(-q)
    # (1 − mⁿ)/q: the number of full steps that n shrinking ones amount to; its limit is n.
    amount = jnp.where(is_constant, n, -jnp.expm1(_bounded(n * log_m)) / q)
    if multiplicative is None and additive is None:
        return weight + step * x * amount, None
    # ln(M/m²) and ln M: how much faster the second moment shrinks less than the mean squared.
    excess = 0.0 if multiplicative is None else jnp.log1p((q * multiplicative) ** 2 / (1 - q) ** 2)
    log_m2 = 2 * log_m + excess
    variance = jnp.zeros_like(weight)
    if multiplicative is not None:
        grown = -jnp.exp(_bounded(n * log_m2)) * jnp.expm1(-n * excess) / q**2
        variance = (step * x) ** 2 * jnp.where(is_constant, n * multiplicative**2, grown)
    if additive is not None:
        is_still = jnp.abs(log_m2) < _CONSTANT
        ratio = jnp.expm1(_bounded(n * log_m2)) / jnp.expm1(jnp.where(is_still, 1.0, log_m2))
        variance = variance + additive**2 * jnp.where(is_constant | is_still, n, ratio)
    return weight + step * x * amount, variance


def additive_noise(response: Response, step: Leaf) -> Leaf | None:
    """Returns the σ of one pulse that does not depend on the weight [w.u.]; None: none."""
    relative, absolute = response.cycle_noise_additive, response.cycle_noise_absolute
    if relative is None:
        return absolute
    return step * relative if absolute is None else jnp.hypot(step * relative, absolute)


def _bounded(exponent: Weights) -> Weights:
    # A retraced path runs away from its bound exponentially; the window ends it long before.
    return jnp.minimum(exponent, _LARGEST_EXPONENT)


def _sum(one: Weights | None, other: Weights | None) -> Weights | None:
    return other if one is None else one if other is None else one + other


LINEAR = Law(pulses, step="+dw(1 − γ w/w_max); −dw(1 − γ w/w_min)")
