"""Temperature: what a cell conducts, and how far a pulse moves it, over that at the reference.

Both are (1 + α(T − T0))·e^(E(1/T0 − 1/T)), a coefficient, an Arrhenius energy, or both. What a cell
keeps stays as it is: back at T0 it conducts what it did.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.params import DeviceParams
from neuromgd.typing import Leaf


def is_thermal(params: DeviceParams) -> bool:
    """Tells whether conductance or steps depend on the temperature."""
    numbers = (
        params.conductance_temperature, params.conductance_activation,
        params.step_temperature, params.step_activation,
    )  # fmt: skip
    return params.temperature is not None and any(number is not None for number in numbers)


def warmed(
    params: DeviceParams, temperature: Leaf | None, weight: Float[Array, "*cells"], signal: Leaf
) -> Float[Array, "*cells"]:
    """Returns the (*cells) weight that is seen at a temperature [w.u.].

    Args:
        params: How good the technology is.
        temperature: Of the cells [K]; None: it makes no difference.
        weight: (*cells) seen at the reference [w.u.].
        signal: (*cells) what they conduct there [w.u.].
    """
    factor = conductance_factor(params, temperature)
    return weight if factor is None else weight + (factor - 1) * signal


def conductance_factor(params: DeviceParams, temperature: Leaf | None) -> Leaf | None:
    """Returns the () conductance over that at the reference [1]; None: it is the same."""
    return _factor(
        params, params.conductance_temperature, params.conductance_activation, temperature
    )


def step_factor(params: DeviceParams, temperature: Leaf | None) -> Leaf | None:
    """Returns the () size of a pulse over that at the reference [1]; None: it is the same."""
    return _factor(params, params.step_temperature, params.step_activation, temperature)


def acceleration(
    params: DeviceParams, activation: Leaf | None, temperature: Leaf | None
) -> Float[Array, ""]:
    """Returns how much faster a process runs than at the reference temperature (Arrhenius)."""
    if activation is None or temperature is None or params.reference_temperature is None:
        return jnp.ones((), jnp.float32)
    return jnp.exp(activation * (1 / params.reference_temperature - 1 / temperature))


def _factor(
    params: DeviceParams,
    coefficient: Leaf | None,
    activation: Leaf | None,
    temperature: Leaf | None,
) -> Leaf | None:
    reference = params.reference_temperature
    if temperature is None or reference is None or (coefficient is None and activation is None):
        return None
    factor = acceleration(params, activation, temperature)
    if coefficient is None:
        return factor
    return factor * jnp.maximum(1 + coefficient * (temperature - reference), 0)
