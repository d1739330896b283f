"""What the converters of a network are confronted with: its largest values, their saturation."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from neuromgd.network.arrays import Call
from neuromgd.network.converters import Converters, of_array
from neuromgd.network.crossbar import effective
from neuromgd.network.forward import driven, ported
from neuromgd.network.network import Network
from neuromgd.network.params import NetworkParams, Ranges
from neuromgd.network.survey import survey
from neuromgd.network.taps import Port, Tap, tapped
from neuromgd.typing import Arrays


def observed_ranges(network: Network, theta: Arrays, x: Num[Array, "samples *input"]) -> Ranges:
    """Returns the largest magnitudes that go into and come out of every array [their units].

    They are those of all its calls.
    """
    seen = survey(network, x.shape[1:], x.dtype)

    def watch(tap: Tap, largest: tuple[Array, Array], value: Array, noted: tuple[Array, ...]):
        del noted
        if tap.port not in (Port.ROWS, Port.COLUMNS):
            return largest, value
        into, out = largest
        now = jnp.max(jnp.abs(value)).astype(jnp.float32)
        if tap.port is Port.ROWS:
            return (into.at[tap.number].max(now), out), value
        return (into, out.at[tap.number].max(now)), value

    nothing = jnp.zeros(len(seen.arrays), jnp.float32)
    (into, out), _ = ported(network, seen, theta, x, watch, (nothing, nothing), _watched)
    return Ranges(dac=into, adc=out)


def saturated_share(
    network: Network,
    params: NetworkParams,
    converters: Converters,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    encodings: Arrays | None = None,
) -> Float[Array, ""]:
    """Returns the share of the arrays' outputs that reach the full scale of their converters."""
    seen = survey(network, x.shape[1:], x.dtype)

    def watch(tap: Tap, counts: tuple[Array, Array], value: Array, noted: tuple[Array, ...]):
        del noted
        if tap.port is not Port.COLUMNS or not converters.adc:
            return counts, value
        over, count = counts
        is_over = of_array(converters.adc, tap.number).is_over(value)
        return (over + jnp.sum(is_over), count + value.size), value

    none = jnp.zeros((), jnp.int32)
    theta, _ = effective(network, params, theta, x, encodings)
    (over, count), _ = ported(network, seen, theta, x, watch, (none, none), _watched)
    return over.astype(jnp.float32) / jnp.maximum(count, 1).astype(jnp.float32)


def _watched(call: Call, x: Array) -> Array:
    return tapped(Tap(Port.COLUMNS, call.number), call.ideal(driven(call, x)))
