"""The converters behind the columns of an array, each with its own gain and offset, none straight.

A converter rounds (1 + σ_g ξ) y + σ_o ξ LSB + ε(1 − (y/FS)²) LSB in place of y. The last term is
its integral nonlinearity, a bow that is nothing at both ends of the scale and ε in the middle.

References:
    IEEE Std 1241 (2010): gain, offset and integral nonlinearity of converters, told in LSB.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from neuromgd.converter import Converter
from neuromgd.network.params import NetworkParams
from neuromgd.randomness import Stream, normal, stream


def bent(
    params: NetworkParams,
    converter: Converter,
    key: Key[Array, ""] | None,
    array: int,
    value: Float[Array, "*shape columns"],
) -> Float[Array, "*shape columns"]:
    """Returns what the converters of an array round in place of a value [output units].

    Args:
        params: How good the periphery is.
        converter: As it is meant to be.
        key: Root key of the chip, of gains and offsets; None: all are as meant.
        array: Number of the array, in the order of the forward pass.
        value: (*shape, columns) that come out of it [output units].
    """
    shape, wanted = value.shape[-1:], value
    if params.adc_gain_spread is not None and key is not None:
        gain = 1 + params.adc_gain_spread * normal(stream(key, Stream.ADC_GAIN, array), shape)
        value = value * jnp.broadcast_to(gain, value.shape)
    if params.adc_offset_spread is not None and key is not None:
        offset = params.adc_offset_spread * normal(stream(key, Stream.ADC_OFFSET, array), shape)
        value = value + jnp.broadcast_to(converter.per_code * offset, value.shape)
    if params.adc_nonlinearity is not None:
        place = jnp.clip(wanted / converter.full_scale, -1, 1)
        value = value + params.adc_nonlinearity * converter.per_code * (1 - place**2)
    return value
