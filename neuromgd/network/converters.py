"""The converters around the arrays of one chip, with full scales that it has or sets itself."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float

from neuromgd.network.params import NetworkParams, Ranges
from neuromgd.typing import Leaf


class Converter(struct.PyTreeNode, kw_only=True):
    """One converter, with all that it needs worked out before it is used.

    Attributes:
        full_scale: () largest magnitude that has a code [its units].
        per_unit: () codes to a unit [1/its units].
        per_code: () units to a code [its units].
        bottom: () lowest code [1].
        top: () largest code [1].
        is_sign: () whether it keeps nothing but the sign.
    """

    full_scale: Leaf
    per_unit: Leaf
    per_code: Leaf
    bottom: Leaf
    top: Leaf
    is_sign: Leaf

    def __call__(self, value: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Returns the (*shape) values clipped and rounded to the nearest code."""
        codes = jnp.clip(jnp.round(value * self.per_unit), self.bottom, self.top)
        return jnp.where(self.is_sign, jnp.sign(value) * self.full_scale, codes * self.per_code)

    def is_over(self, value: Float[Array, "*shape"]) -> Bool[Array, "*shape"]:
        """Tells which (*shape) values reach the full scale."""
        return jnp.abs(value) >= self.full_scale


class Converters(struct.PyTreeNode, kw_only=True):
    """All converters of a chip, array by array in the order of the forward pass.

    Attributes:
        dac: Those before the arrays; a single one is the same for all; none: there are none.
        adc: Those behind them, likewise.
    """

    dac: tuple[Converter, ...] = ()
    adc: tuple[Converter, ...] = ()


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
        dac=_side(params.dac_top, params.dac_range, own_dac),
        adc=_side(params.adc_top, params.adc_range, own_adc),
    )


def _side(top: Leaf | None, fixed: Leaf | None, own: Leaf | None) -> tuple[Converter, ...]:
    if top is None or (fixed is None and own is None):
        return ()
    full_scales = [fixed] if own is None or fixed is not None else list(_without_zero(own))
    return tuple(
        Converter(
            full_scale=full_scale,
            per_unit=top / full_scale,
            per_code=full_scale / jnp.maximum(top, 1),
            bottom=-top,
            top=top,
            is_sign=top == 0,
        )
        for full_scale in full_scales
        if full_scale is not None
    )


def _without_zero(full_scales: Leaf) -> Leaf:
    """Returns usable full scales: an array that gave nothing yet takes the largest, or else 1."""
    largest = jnp.max(full_scales)
    return jnp.where(full_scales == 0, jnp.where(largest == 0, 1, largest), full_scales)
