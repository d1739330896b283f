"""Pulses: a requested change becomes a whole number of them, and they move the cell by its law."""

from collections.abc import Mapping

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.response import Response, response
from neuromgd.device.traits import Traits
from neuromgd.randomness import Stream, normal, uniform
from neuromgd.typing import Leaf

Keys = Mapping[Stream, Key[Array, ""]]


def pulse_count(
    step: Float[Array, ""],
    request: Float[Array, "*array"],
    rounding: str,
    key: Key[Array, ""],
) -> Float[Array, "*array"]:
    """Returns how many pulses stand for a requested change; their sign is its sign.

    Args:
        step: Size of one pulse [w.u.].
        request: (*array) requested change [w.u.].
        rounding: ``stochastic`` (E[count] · step = request) or ``nearest``.
        key: Key of this array and this write.
    """
    count = request * (1 / step)  # a quotient for every cell would be kept in an array of its own
    if rounding == "stochastic":
        return jnp.floor(count + uniform(key, count.shape))
    return jnp.round(count)


def pulsed(
    law: Law,
    rounding: str,
    params: DeviceParams,
    traits: Traits,
    weight: Float[Array, "*cells"],
    request: Float[Array, "*cells"],
    keys: Keys,
    temperature: Leaf | None = None,
) -> tuple[Float[Array, "*cells"], Bool[Array, "*cells"], Float[Array, "*cells"] | None]:
    """Returns the weight after the pulses that stand for a request, who was pulsed, and how often.

    The last is None for cells that take what they are asked for. How many pulses stand for a
    request does not depend on the temperature: whoever asks does not know it.
    """
    cells = response(params, traits, temperature)
    if cells is None or law.is_continuous:
        return weight + request, request != 0, None
    count = pulse_count(given(params.update_step), request, rounding, keys[Stream.PULSE_ROUNDING])
    if params.pulses_per_write_max is not None:
        count = jnp.clip(count, -params.pulses_per_write_max, params.pulses_per_write_max)
    key = keys.get(Stream.CYCLE)
    if traits.reference is None:
        return respond(law, cells, weight, count, key), count != 0, count
    own = weight + traits.reference
    return respond(law, cells, own, count, key) - traits.reference, count != 0, count


def respond(
    law: Law,
    cells: Response,
    weight: Float[Array, "*cells"],
    count: Float[Array, "*cells"],
    key: Key[Array, ""] | None,
) -> Float[Array, "*cells"]:
    """Returns the weight after so many pulses, with their cycle noise if there is a key [w.u.]."""
    if key is None:
        return law.pulses(cells, weight, count)[0]
    fresh = normal(key, weight.shape)
    if law.draw is not None:
        return law.draw(cells, weight, count, fresh)
    mean, variance = law.pulses(cells, weight, count)
    return mean if variance is None else mean + jnp.sqrt(variance) * fresh
