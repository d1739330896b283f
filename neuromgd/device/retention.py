"""What time does to a cell: it relaxes, its conductance drifts, its charge leaks.

All are functions of what was written and of the time since, so that a million short steps give
what one long one gives.

References:
    Nandakumar et al., ICECS (2019): drift exponents of phase change memory, a function of G.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.device.cell import CellState, Clock, bounded, conducted, zero_signal
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.telegraph import shift
from neuromgd.device.thermal import acceleration, warmed
from neuromgd.device.traits import Traits
from neuromgd.typing import Leaf

# Below it ln r is not taken further: the exponents have long reached their limits.
_LOWEST_CONDUCTANCE = 1e-6


def advance(
    params: DeviceParams,
    traits: Traits,
    cell: CellState,
    seconds: Float[Array, ""],
    temperature: Float[Array, ""] | None = None,
) -> CellState:
    """Lets time pass for the cells of one array.

    Args:
        params: How good the technology is.
        traits: Of these cells.
        cell: Before.
        seconds: How long [s].
        temperature: Of the chip meanwhile [K]; None: ``params.temperature``.
    """
    drift, leak, relaxation = cell.drift_clock, cell.leak_clock, cell.relaxation_clock
    if not cell.is_moving:
        return cell
    warm = params.temperature if temperature is None else temperature
    if drift is not None:
        drift = _tick(drift, seconds * acceleration(params, params.drift_activation, warm))
    if leak is not None:
        leak = _tick(leak, seconds * acceleration(params, params.leak_activation, warm))
    if relaxation is not None:
        relaxation = _tick(relaxation, seconds)
    cell = cell.replace(drift_clock=drift, leak_clock=leak, relaxation_clock=relaxation)
    if cell.temperature is not None and warm is not None:
        cell = cell.replace(temperature=warm)
    return shown(params, traits, cell)


def shown(params: DeviceParams, traits: Traits, cell: CellState) -> CellState:
    """Returns the cells showing what drift, leak, write noise and traps make of what they keep."""
    weight = kept = retained(params, traits, cell)
    if cell.offset is not None:
        weight = weight + cell.offset
    zero = zero_signal(params)
    at_once = lambda weight: warmed(
        params, cell.temperature, weight, conducted(traits, weight) - zero
    )
    if cell.telegraph is None:
        return cell.replace(seen=at_once(weight))
    traps, above = cell.telegraph, conducted(traits, kept) - zero
    first, later = (
        at_once(weight + shift(params, traits, above, is_high))
        for is_high in (traps.is_high, traps.is_high_later)
    )
    return cell.replace(seen=first, telegraph=traps.replace(seen_later=later))


def retained(params: DeviceParams, traits: Traits, cell: CellState) -> Float[Array, "*cells"]:
    """Returns the (*cells) weight that is left of what was written [w.u.]."""
    # Conductance moves, and the reference that is subtracted from it does not.
    weight = written = conducted(traits, _relaxed(params, traits, cell))
    if cell.drift_clock is not None:
        zero = zero_signal(params)
        age = cell.drift_clock.seconds / given(params.drift_reference_time)
        factor = jnp.exp(-drift_exponent(params, traits, weight) * jnp.log1p(age))
        weight = zero + (weight - zero) * factor
    if cell.leak_clock is not None:
        rest = jnp.zeros((), jnp.float32) if params.leak_rest is None else params.leak_rest
        time = given(params.leak_time)
        time = time if traits.leak_gain is None else time * traits.leak_gain
        if params.leak_time_slope is not None:
            # Of the weight that was written, so that short times add up to a long one.
            log_r = jnp.log(relative_conductance(params, written))
            time = time * jnp.exp(params.leak_time_slope * log_r)
        weight = rest + (weight - rest) * jnp.exp(-cell.leak_clock.seconds / time)
    if traits.reference is not None:
        weight = weight - traits.reference
    if traits.is_stuck is not None:
        weight = jnp.where(traits.is_stuck, cell.weight, weight)
    return weight


def _relaxed(params: DeviceParams, traits: Traits, cell: CellState) -> Float[Array, "*cells"]:
    """Returns the (*cells) weight after relaxation, which knows no bound but the window."""
    if cell.relaxation_clock is None:
        return cell.weight
    age = cell.relaxation_clock.seconds / given(params.relaxation_time)
    sigma = given(params.relaxation_noise) * jnp.log1p(age)
    return bounded(params, cell.weight + sigma * given(cell.deviate), traits)


def signal(params: DeviceParams, traits: Traits, cell: CellState) -> Float[Array, "*cells"]:
    """Returns the (*cells) conductance that is left of what was written [w.u.]."""
    left = conducted(traits, retained(params, traits, cell)) - zero_signal(params)
    return warmed(params, cell.temperature, left, left)


def drift_exponent(
    params: DeviceParams, traits: Traits, weight: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    """Returns the (*cells) exponent ν = |μ(r) + σ(r) ξ| of each cell [1]."""
    log_r = jnp.log(relative_conductance(params, weight))
    mean = _limited(
        params.drift_exponent, params.drift_exponent_slope, log_r,
        params.drift_exponent_min, params.drift_exponent_max,
    )  # fmt: skip
    if traits.drift_deviate is None:
        return mean
    spread = _limited(
        params.drift_exponent_spread, params.drift_spread_slope, log_r,
        params.drift_spread_min, params.drift_spread_max,
    )  # fmt: skip
    return jnp.abs(mean + spread * traits.drift_deviate)


def relative_conductance(
    params: DeviceParams, weight: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    """Returns the (*cells) conductance over the technology's highest, r = G/G_max [1]."""
    top = jnp.ones((), jnp.float32) if params.weight_max is None else params.weight_max
    zero = zero_signal(params)
    return jnp.maximum((weight - zero) / (top - zero), _LOWEST_CONDUCTANCE)


def _limited(
    base: Leaf | None, slope: Leaf | None, log_r: Leaf, low: Leaf | None, high: Leaf | None
) -> Leaf:
    value = jnp.zeros_like(log_r) + given(base)
    if slope is not None:
        value = value + slope * log_r
    return value if low is None and high is None else jnp.clip(value, low, high)


def _tick(clock: Clock, seconds: Float[Array, ""]) -> Clock:
    # Kahan's sum: a microsecond is still counted after a day.
    step = seconds - clock.residue
    total = clock.seconds + step
    return Clock(seconds=total, residue=(total - clock.seconds) - step)
