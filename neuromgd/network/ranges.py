"""What the converters of a network are confronted with: its largest values, their saturation."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from neuromgd.network.arrays import Call
from neuromgd.network.converters import Converters, of_array
from neuromgd.network.crossbar import effective
from neuromgd.network.forward import driven, into_rows, ported
from neuromgd.network.network import Network
from neuromgd.network.params import NetworkParams, Ranges
from neuromgd.network.survey import survey
from neuromgd.network.taps import Port, Tap, tapped
from neuromgd.typing import Arrays

# The share of the readings of an array that its full scale should hold.
_MOST = 0.99


# (number of an array, what drives it, the largest of that) -> what its cells make of it.
Drive = Callable[[int, Array, Float[Array, ""]], Array]


def observed_ranges(
    network: Network,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    drive: Drive = lambda number, value, largest: value,
) -> Ranges:
    """Returns the largest magnitudes that go into and come out of every array [their units].

    They are those of all its calls.

    Args:
        network: Forward pass.
        theta: Arrays of weights.
        x: (samples, *input).
        drive: What cells make of their inputs.
    """
    seen = survey(network, x.shape[1:], x.dtype)

    def watch(tap: Tap, largest: tuple[Array, Array], value: Array, noted: tuple[Array, ...]):
        del noted
        if tap.port not in (Port.ROWS, Port.COLUMNS):
            return largest, value
        into, out = largest
        now = jnp.max(jnp.abs(value)).astype(jnp.float32)
        if tap.port is Port.ROWS:
            return (into.at[tap.number].max(now), out), drive(tap.number, value, now)
        return (into, out.at[tap.number].max(now)), value

    nothing = jnp.zeros(len(seen.arrays), jnp.float32)
    (into, out), _ = ported(network, seen, theta, x, watch, (nothing, nothing), _watched)
    return Ranges(dac=into, adc=out)


class Readings(NamedTuple):
    """What the converters behind the arrays make of some samples.

    Attributes:
        saturated: () share of readings at full scale [1].
        within: () what 99 % of the readings of every array stay within [output units].
        coarsest: () largest step of an array over ‖x‖ of what drives it: what weights must change
            by for a step [network weight]; 0: no array is driven by rows of numbers.
    """

    saturated: Float[Array, ""]
    within: Float[Array, ""]
    coarsest: Float[Array, ""]


def readings(
    network: Network,
    params: NetworkParams,
    converters: Converters,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    encodings: Arrays | None = None,
) -> Readings:
    """Returns what the converters behind the arrays make of samples."""
    seen = survey(network, x.shape[1:], x.dtype)

    def watch(tap: Tap, kept: tuple[Array, ...], value: Array, noted: tuple[Array, ...]):
        del noted
        over, count, within, coarsest = kept
        if not converters.adc or tap.port not in (Port.ROWS, Port.COLUMNS):
            return kept, value
        adc = of_array(converters.adc, tap.number)
        if tap.port is Port.ROWS:
            value = into_rows(params, converters, tap, value)
            if value.ndim == 2 and jnp.issubdtype(value.dtype, jnp.floating):
                length = jnp.sqrt(jnp.mean(jnp.sum(value**2, 1)) + 1)  # a bias is driven by 1
                coarsest = jnp.maximum(coarsest, adc.per_code / length)
            return (over, count, within, coarsest), value
        most = jnp.quantile(jnp.abs(value).astype(jnp.float32), _MOST)
        over = over + jnp.sum(adc.is_over(value))
        return (over, count + value.size, jnp.maximum(within, most), coarsest), value

    none, nothing = jnp.zeros((), jnp.int32), jnp.zeros((), jnp.float32)
    start = (none, none, nothing, nothing)
    theta, _ = effective(network, params, theta, x, encodings)
    (over, count, within, coarsest), _ = ported(network, seen, theta, x, watch, start, _watched)
    share = over.astype(jnp.float32) / jnp.maximum(count, 1).astype(jnp.float32)
    return Readings(share, within, coarsest)


def _watched(call: Call, x: Array) -> Array:
    return tapped(Tap(Port.COLUMNS, call.number), call.ideal(driven(call, x)))
