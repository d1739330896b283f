"""Noise of reading a cell, as the standard deviation that the forward pass adds.

The forward pass adds it at the output of an array: Σ_j σ_ij² x_j² there is, in distribution,
noise on every weight.

References:
    Nandakumar et al., ICECS (2019); Joshi et al., Nat. Commun. 11, 2473 (2020): the 1/f law.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.cell import CellState, Clock
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.retention import relative_conductance, retained, zero_signal
from neuromgd.device.traits import Traits


def read_deviation(
    params: DeviceParams, traits: Traits, cell: CellState
) -> Float[Array, "*array"] | None:
    """Returns the (*array) σ of one reading of every weight [w.u.]; None: readings are exact."""
    variance = _variance(params, traits, cell)
    if variance is None:
        return None
    return jnp.sqrt(jnp.sum(variance, axis=0)) / 2 if cell.is_pair else jnp.sqrt(variance)


def _variance(
    params: DeviceParams, traits: Traits, cell: CellState
) -> Float[Array, "*cells"] | None:
    white, relative, flicker = params.read_noise, params.read_noise_relative, params.flicker_noise
    if white is None and relative is None and flicker is None:
        return None
    variance = jnp.zeros_like(cell.weight)
    signal = retained(params, traits, cell) - zero_signal(params)
    if white is not None:
        variance = variance + white**2
    if relative is not None:
        variance = variance + (relative * signal) ** 2
    if flicker is not None:
        variance = variance + (flicker_ratio(params, cell) * signal) ** 2
    return variance


def flicker_ratio(params: DeviceParams, cell: CellState) -> Float[Array, "*cells"]:
    """Returns σ/G of 1/f noise, Q(r)·√ln((t + t0 + t_read)/2t_read), t since the write."""
    r = relative_conductance(params, cell.weight)
    q = given(params.flicker_noise)
    if params.flicker_exponent is not None:
        q = q * jnp.exp(-params.flicker_exponent * jnp.log(r))
    if params.flicker_max is not None:
        q = jnp.minimum(q, params.flicker_max)
    zeros = jnp.zeros_like(cell.weight)
    clock = Clock(seconds=zeros, residue=zeros) if cell.drift_clock is None else cell.drift_clock
    read_time = given(params.read_time)
    span = clock.seconds + given(params.drift_reference_time) + read_time
    return q * jnp.sqrt(jnp.log(span / (2 * read_time)))
