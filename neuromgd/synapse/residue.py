"""The residue: what was asked of a cell and could not be written is kept for the next write.

A synapse adds every request to what it kept. From a threshold on it asks its cell for whole pulses
or levels of nominal size, since it does not know its cell, and keeps the rest.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.randomness import Stream, each, normal
from neuromgd.synapse.accumulator import held, leaked
from neuromgd.synapse.state import SynapseParams
from neuromgd.typing import Arrays, Count, Leaf


def gathered(
    params: SynapseParams,
    rounding: str,
    kept: Arrays,
    request: Arrays,
    key: Key[Array, ""],
    window: Int[Array, ""],
    timesteps: Count,
) -> Arrays:
    """Returns χ + request as the circuit holds it at the end of a window [w.u.].

    Args:
        params: How good the learning circuits are.
        rounding: ``stochastic`` or ``nearest``, of its codes.
        kept: Arrays of χ, the residue of the window before [w.u.].
        request: Arrays of requested changes [w.u.].
        key: Root key of the chip.
        window: Number of the window.
        timesteps: That it took, for the leak.
    """
    total = jax.tree.map(jnp.add, leaked(params.residue_leak, kept, timesteps), request)
    if params.residue_noise is not None:
        sigma = params.residue_noise
        keys = each(key, Stream.RESIDUE_NOISE, window, total)
        total = jax.tree.map(lambda one, own: one + sigma * normal(own, one.shape), total, keys)
    limit, top = params.residue_range, params.residue_top
    return held(limit, top, rounding, total, key, Stream.RESIDUE, window)


def asked(
    total: Float[Array, "*array"], step: Leaf | None, least: Leaf | None, most: Leaf | None
) -> Float[Array, "*array"]:
    """Returns what a synapse asks of its cell [w.u.]; the rest of the total is its residue.

    Args:
        total: (*array) what there is to write [w.u.].
        step: () nominal change by one pulse or level [w.u.]; None: any change can be asked for.
        least: () or (*array) |total| from which on there is a write [w.u.]; None: any.
        most: () pulses of one write at most [1]; None: any number.
    """
    whole = total
    if step is not None:
        count = jnp.round(total / step)
        whole = step * (count if most is None else jnp.clip(count, -most, most))
    return whole if least is None else jnp.where(jnp.abs(total) >= least, whole, 0)
