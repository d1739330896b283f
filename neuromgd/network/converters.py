"""The converters around the arrays of one chip, with full scales that it has or sets itself."""

from typing import Any

import jax.numpy as jnp
from flax import struct

from neuromgd.converter import Converter, converter
from neuromgd.network.params import NetworkParams, Ranges
from neuromgd.typing import Leaf


class Converters(struct.PyTreeNode, kw_only=True):
    """All converters of a chip, array by array in the order of the forward pass.

    Attributes:
        dac: Those before the arrays; a single one is the same for all; none: there are none.
        adc: Those behind them, likewise.
        centre: Number of an array -> what its rows subtract in front of their converters [input
            units].
        full_input: () or (arrays,) inputs that are read at the full read voltage [input units];
            None: not known, or of no interest.
    """

    dac: tuple[Converter, ...] = ()
    adc: tuple[Converter, ...] = ()
    centre: dict[int, Any] = struct.field(default_factory=dict)
    full_input: Leaf | None = None


def of_array(side: tuple[Converter, ...], number: int) -> Converter:
    """Returns the converter on one side of one array."""
    return side[0] if len(side) == 1 else side[number]


def converters(params: NetworkParams, ranges: Ranges | None = None) -> Converters:
    """Returns the converters of a chip; one without a full scale is left out until it has one.

    Args:
        params: Resolutions, and full scales that are fixed.
        ranges: Full scales that the chip has set for itself.
    """
    own_dac, own_adc = (None, None) if ranges is None else (ranges.dac, ranges.adc)
    return Converters(
        dac=_side(params.dac_top, params.dac_range, own_dac, params.dac_bottom),
        adc=_side(params.adc_top, params.adc_range, own_adc),
        full_input=full_input(params, own_dac),
    )


def full_input(params: NetworkParams, own: Leaf | None) -> Leaf | None:
    """Returns the inputs that are read at the full voltage: full scales, or 1 without converters.

    Args:
        params: Resolutions, and full scales that are fixed.
        own: () or (arrays,) full scales that the chip has set for itself [input units]; None: none
            yet.
    """
    if params.curvature is None:
        return None
    if params.dac_top is None:
        return jnp.ones((), jnp.float32)
    if params.dac_range is not None:
        return params.dac_range
    return None if own is None else _without_zero(own)


def _side(
    top: Leaf | None, fixed: Leaf | None, own: Leaf | None, bottom: Leaf | None = None
) -> tuple[Converter, ...]:
    if top is None or (fixed is None and own is None):
        return ()
    full_scales = [fixed] if own is None or fixed is not None else list(_without_zero(own))
    return tuple(converter(one, top, bottom) for one in full_scales if one is not None)


def _without_zero(full_scales: Leaf) -> Leaf:
    """Returns usable full scales: an array that gave nothing yet takes the largest, or else 1."""
    largest = jnp.max(full_scales)
    return jnp.where(full_scales == 0, jnp.where(largest == 0, 1, largest), full_scales)
