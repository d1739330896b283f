"""Program-verify: pulse, read, compare, again, until the cell is near enough to its target.

Each iteration lands N(0, σ_prog) away from the target and is accepted within the tolerance, so the
iterations are geometric and an accepted cell has the normal error cut at the tolerance; both are
drawn in closed form.
"""

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.device.cell import bounded
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.pulse import Keys, pulse_count
from neuromgd.device.retention import relative_conductance
from neuromgd.randomness import Stream, normal
from neuromgd.typing import Leaf

# Beyond so many σ float32 knows no tail.
_FAR = 5.0


def programmed(
    rounding: str,
    params: DeviceParams,
    weight: Float[Array, "*cells"],
    request: Float[Array, "*cells"],
    keys: Keys,
) -> tuple[Float[Array, "*cells"], Bool[Array, "*cells"], Int[Array, "*cells"]]:
    """Returns the weight after program-verify, who was programmed, and in how many iterations."""
    if params.levels is None:
        aim, is_written = bounded(params, weight + request), request != 0
    else:
        step = level_step(params)
        count = pulse_count(step, request, rounding, keys[Stream.PULSE_ROUNDING])
        aim, is_written = target(params, weight, count), count != 0
    verify = keys.get(Stream.VERIFY, keys[Stream.PROGRAM])
    landed, iterations = land(params, aim, keys[Stream.PROGRAM], verify)
    return landed, is_written, iterations


def target(
    params: DeviceParams, weight: Float[Array, "*cells"], count: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    """Returns the level ``count`` levels away from the one that a cell is nearest to [w.u.]."""
    low, step = _bottom(params), level_step(params)
    index = jnp.round((weight - low) / step) + count
    return low + step * jnp.clip(index, 0, given(params.levels) - 1)


def level_step(params: DeviceParams) -> Float[Array, ""]:
    """Returns the distance of two levels [w.u.]."""
    top = jnp.ones((), jnp.float32) if params.weight_max is None else params.weight_max
    return (top - _bottom(params)) / (given(params.levels) - 1)


def programming_error(
    params: DeviceParams, weight: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    """Returns the (*cells) σ_prog of a cell programmed to a weight [w.u.]."""
    r = relative_conductance(params, weight)
    sigma = jnp.zeros_like(weight)
    if params.programming_noise is not None:
        sigma = polynomial(params.programming_noise, r)
    if params.programming_noise_saturation is not None:
        sigma = sigma - params.programming_noise_saturation * jnp.expm1(
            -r / given(params.programming_noise_scale)
        )
    return jnp.maximum(sigma, 0)


def polynomial(coefficients: Float[Array, " n"], r: Float[Array, "*cells"]) -> Leaf:
    """Returns c0 + c1 r + c2 r² + … by Horner's rule, from the highest power."""
    value = jnp.zeros_like(r)
    for coefficient in coefficients[::-1]:
        value = value * r + coefficient
    return value


def land(
    params: DeviceParams,
    aim: Float[Array, "*cells"],
    key: Key[Array, ""],
    verify_key: Key[Array, ""],
) -> tuple[Float[Array, "*cells"], Int[Array, "*cells"]]:
    """Returns where cells programmed to ``aim`` end [w.u.], and after how many iterations."""
    sigma = programming_error(params, aim)
    if params.verify_tolerance is None:
        error = normal(key, aim.shape)
        return aim + sigma * error, jnp.ones(aim.shape, jnp.int32)
    reach = jnp.minimum(params.verify_tolerance / jnp.maximum(sigma, 1e-20), _FAR)
    miss = 2 * norm.sf(reach)
    iterations, is_accepted = _iterations(params, miss, aim.shape, verify_key)
    return aim + sigma * _error(reach, is_accepted, aim.shape, key), iterations


def _iterations(
    params: DeviceParams, miss: Float[Array, "*cells"], shape: tuple[int, ...], key: Key[Array, ""]
) -> tuple[Int[Array, "*cells"], Bool[Array, "*cells"]]:
    """Draws a geometric number: each iteration misses with the given probability."""
    u = jax.random.uniform(key, shape, jnp.float32, minval=jnp.finfo(jnp.float32).tiny)
    count = 1 + jnp.floor(jnp.log(u) / jnp.log(miss))
    if params.verify_iterations_max is None:
        return count.astype(jnp.int32), jnp.ones(shape, bool)
    is_accepted = count <= params.verify_iterations_max
    return jnp.minimum(count, params.verify_iterations_max).astype(jnp.int32), is_accepted


def _error(
    reach: Float[Array, "*cells"],
    is_accepted: Bool[Array, "*cells"],
    shape: tuple[int, ...],
    key: Key[Array, ""],
) -> Float[Array, "*cells"]:
    """Draws a standard normal inside ±reach where accepted, outside it where not."""
    u = jax.random.uniform(key, shape, jnp.float32, minval=-1.0, maxval=1.0)
    inside = norm.cdf(reach) - 0.5
    near = norm.ppf(0.5 + u * inside)
    far = jnp.sign(u) * -norm.ppf(jnp.maximum(jnp.abs(u) * norm.sf(reach), 1e-30))
    return jnp.where(is_accepted, near, far)


def _bottom(params: DeviceParams) -> Leaf:
    return -jnp.ones((), jnp.float32) if params.weight_min is None else params.weight_min
