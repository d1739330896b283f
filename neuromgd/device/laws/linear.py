"""Linear steps: each pulse moves the cell by a step that shrinks linearly towards the bound.

γ = 0 is a constant step and γ = 1 a soft bound. The recursion w ← w + s (1 − γ w/b), with s = ±dw
and b the bound that the pulse drives towards, has the closed solution used here: the distance to
the fixed point b/γ shrinks by the factor (1 − γ s/b) each pulse.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.laws.law import Law
from neuromgd.device.response import Response


def _towards(
    weight: Float[Array, "*array"],
    count: Float[Array, "*array"],
    step: Float[Array, ""],
    bound: Float[Array, ""],
    nonlinearity: Float[Array, ""] | None,
) -> Float[Array, "*array"]:
    if nonlinearity is None:
        return weight + count * step
    shrink = nonlinearity * step / bound
    # (1 − (1−q)ⁿ)/q, the number of full steps that n shrinking ones amount to; its limit is n.
    small = jnp.abs(shrink) < 1e-6
    safe = jnp.where(small, 0.5, shrink)
    amount = jnp.where(small, count, -jnp.expm1(count * jnp.log1p(-safe)) / safe)
    return weight + amount * step * (1 - nonlinearity * weight / bound)


def pulses(
    response: Response, weight: Float[Array, "*array"], count: Float[Array, "*array"]
) -> Float[Array, "*array"]:
    """Returns the (*array) weight after ``count`` pulses [w.u.].

    References:
        Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016): constant step.
        Fusi and Abbott, Nat. Neurosci. 10, 485 (2007): soft bounds.
    """
    n = jnp.abs(count)
    up = _towards(weight, n, response.step, response.weight_max, response.nonlinearity_up)
    down = _towards(weight, n, -response.step, response.weight_min, response.nonlinearity_down)
    return jnp.where(count > 0, up, jnp.where(count < 0, down, weight))


LINEAR = Law(pulses)
