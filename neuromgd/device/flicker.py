"""1/f noise: how much of it is common to two readings a little time apart.

The noise of a cell has the one-sided spectrum S = (QG)²/f from f_min = 1/(t + t0 + t_r), what was
waited for since before the write, to f_max = 1/(2 t_r), what a reading resolves. Its
autocovariance is

    R(τ) = (QG)² ∫ cos(2πfτ)/f df = (QG)² [ln(f_max/f_min) − Cin(2πf_max τ) + Cin(2πf_min τ)],

so two readings differ by 2(R(0) − R(τ)), which grows as the logarithm of the time between them.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 5.2: Cin, its series.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.cell import CellState, Clock, conducted
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.retention import relative_conductance
from neuromgd.device.traits import Traits

# Below it Cin is summed, above it follows an asymptotic series; each is good to 1e-4 there.
_FAR = 10.0
_NEAR_TERMS, _FAR_TERMS = 20, 5


def cosine_integral(x: Float[Array, "*x"]) -> Float[Array, "*x"]:
    """Returns Cin(x) = ∫ (1 − cos t)/t dt from 0 to x ≥ 0, to within 1e-4.

    Unlike Ci it has no pole at 0, so that nothing large cancels at short times.
    """
    near = jnp.minimum(x, _FAR)
    term, total = jnp.ones_like(near), jnp.zeros_like(near)
    for k in range(1, _NEAR_TERMS + 1):
        term = -term * near**2 / ((2 * k - 1) * (2 * k))
        total = total - term / (2 * k)
    far = jnp.maximum(x, _FAR)
    f = sum((-1) ** k * math.factorial(2 * k) / far ** (2 * k) for k in range(_FAR_TERMS))
    g = sum((-1) ** k * math.factorial(2 * k + 1) / far ** (2 * k) for k in range(_FAR_TERMS))
    ci = (jnp.sin(far) * f - jnp.cos(far) * g / far) / far
    return jnp.where(x < _FAR, total, jnp.euler_gamma + jnp.log(far) - ci)


def flicker_variances(
    params: DeviceParams, traits: Traits, cell: CellState, apart: Float[Array, ""]
) -> tuple[Float[Array, "*cells"], Float[Array, "*cells"]]:
    """Returns the variance of 1/f noise over G², all of it and what two readings share.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        cell: The cells that are read.
        apart: Time between the two readings [s].
    """
    strength, span = _strength(params, traits, cell), _span(params, cell)
    read_time = given(params.read_time)
    whole = jnp.log(span / (2 * read_time))
    lost = cosine_integral(math.pi * apart / read_time)
    lost = lost - cosine_integral(2 * math.pi * apart / span)
    return strength * whole, strength * jnp.clip(whole - lost, 0.0, whole)


def flicker_ratio(params: DeviceParams, traits: Traits, cell: CellState) -> Float[Array, "*cells"]:
    """Returns σ/G of 1/f noise, Q(r)·√ln((t + t0 + t_read)/2t_read), t since the write."""
    whole = jnp.log(_span(params, cell) / (2 * given(params.read_time)))
    return jnp.sqrt(_strength(params, traits, cell) * whole)


def _strength(params: DeviceParams, traits: Traits, cell: CellState) -> Float[Array, "*cells"]:
    """Returns the (*cells) spectrum times f over G², Q(r)²."""
    r = relative_conductance(params, conducted(traits, cell.weight))
    q = given(params.flicker_noise)
    if params.flicker_exponent is not None:
        q = q * jnp.exp(-params.flicker_exponent * jnp.log(r))
    if params.flicker_max is not None:
        q = jnp.minimum(q, params.flicker_max)
    return q**2 * jnp.ones_like(cell.weight)


def _span(params: DeviceParams, cell: CellState) -> Float[Array, "*cells"]:
    """Returns the (*cells) time that the slowest noise takes, t + t0 + t_read [s]."""
    zeros = jnp.zeros_like(cell.weight)
    clock = Clock(seconds=zeros, residue=zeros) if cell.drift_clock is None else cell.drift_clock
    return clock.seconds + given(params.drift_reference_time) + given(params.read_time)
