"""Noise of reading a cell, as the standard deviation that the forward pass adds.

The forward pass adds it at the output of an array: Σ_j σ_ij² x_j² there is, in distribution,
noise on every weight.

References:
    Nandakumar et al., ICECS (2019); Joshi et al., Nat. Commun. 11, 2473 (2020): the 1/f law.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.cell import CellState
from neuromgd.device.flicker import flicker_ratio, flicker_variances
from neuromgd.device.params import DeviceParams
from neuromgd.device.retention import signal
from neuromgd.device.traits import Traits


class Deviations(NamedTuple):
    """The σ of two readings of every weight that are compared [w.u.].

    Attributes:
        own: (*array) of what each reading has alone.
        shared: (*array) of what both have in common.
    """

    own: Float[Array, "*array"]
    shared: Float[Array, "*array"]


def read_deviation(
    params: DeviceParams, traits: Traits, cell: CellState
) -> Float[Array, "*array"] | None:
    """Returns the (*array) σ of one reading of every weight [w.u.]; None: readings are exact."""
    variance = _fresh(params, traits, cell)
    if params.flicker_noise is not None:
        carried = signal(params, traits, cell)
        flicker = (flicker_ratio(params, traits, cell) * carried) ** 2
        variance = flicker if variance is None else variance + flicker
    return None if variance is None else _of_weights(cell, variance)


def read_deviations(
    params: DeviceParams, traits: Traits, cell: CellState, apart: Float[Array, ""]
) -> Deviations:
    """Returns what two readings of cells have alone and, of their 1/f noise, in common.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        cell: The cells that are read.
        apart: Time between the two readings [s].
    """
    fresh = _fresh(params, traits, cell)
    if params.flicker_noise is None:
        nothing = jnp.zeros_like(cell.weight)
        return Deviations(
            _of_weights(cell, nothing if fresh is None else fresh), _of_weights(cell, nothing)
        )
    carried = signal(params, traits, cell)
    whole, shared = flicker_variances(params, traits, cell, apart)
    own = (whole - shared) * carried**2
    own = own if fresh is None else own + fresh
    return Deviations(_of_weights(cell, own), _of_weights(cell, shared * carried**2))


def _of_weights(cell: CellState, variance: Float[Array, "*cells"]) -> Float[Array, "*array"]:
    return jnp.sqrt(jnp.sum(variance, axis=0)) / 2 if cell.is_pair else jnp.sqrt(variance)


def _fresh(params: DeviceParams, traits: Traits, cell: CellState) -> Float[Array, "*cells"] | None:
    """Returns the variance of what no two readings share [w.u.²]."""
    white, relative = params.read_noise, params.read_noise_relative
    if white is None and relative is None:
        return None
    variance = jnp.zeros_like(cell.weight)
    if white is not None:
        variance = variance + white**2
    if relative is not None:
        carried = signal(params, traits, cell)
        variance = variance + (relative * carried) ** 2
    return variance
