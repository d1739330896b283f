"""Zero shift: the reference of every cell is set to where its pulses up and down are equally large.

A tester gives every new cell pulses up and down in turn. Whatever it held, it comes to its symmetry
point w* and steps about it; the reference that is subtracted from the cell is set to the middle
of its last two readings, within a fraction of a pulse of w*. Weight 0 is then where requests that
cancel leave it.

References:
    Gokmen and Haensch, Front. Neurosci. 14, 103 (2020): the symmetry point.
    Kim et al., arXiv:1907.10228 (2019): zero shifting.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.device.cell import bounded, middle
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.pulse import respond
from neuromgd.device.response import response
from neuromgd.device.traits import ALIKE, Traits


def zero_shifted(
    law: Law,
    params: DeviceParams,
    traits: Traits,
    is_pair: bool,
    shape: tuple[int, ...],
    key: Key[Array, ""] | None,
) -> Traits:
    """Returns the cells of one array with their references at their symmetry points.

    A cell that is stuck is at its reference, too: its weight is 0.

    Args:
        law: How the cells move when they are pulsed.
        params: How good the technology is.
        traits: How these cells came out.
        is_pair: Whether each weight is half the difference of two cells.
        shape: (*cells) of them.
        key: Of this array, for the noise of the pulses; None: they are exact.
    """
    without = traits.replace(reference=None)
    nominal = middle(params) if is_pair else jnp.zeros((), jnp.float32)
    start = bounded(params, jnp.broadcast_to(nominal, shape), without)
    if traits.is_stuck is not None:
        start = jnp.where(traits.is_stuck, given(traits.stuck_weight), start)
    cells = response(params, without)
    assert cells is not None, "cells without pulses have no symmetry point"

    def pulse(weight: Float[Array, "*cells"], sign: float, number: Int[Array, ""]) -> Array:
        own = None if key is None else jax.random.fold_in(key, number)
        after = respond(law, cells, weight, jnp.full(shape, sign, jnp.float32), own)
        after = bounded(params, after, without)
        return after if traits.is_stuck is None else jnp.where(traits.is_stuck, weight, after)

    def pair(number: Int[Array, ""], state: tuple[Array, Array]) -> tuple[Array, Array]:
        up = pulse(state[0], 1.0, 2 * number)
        down = pulse(up, -1.0, 2 * number + 1)
        return down, (up + down) / 2

    pairs = given(params.zero_shift).astype(jnp.int32)
    _, found = jax.lax.fori_loop(0, pairs, pair, (start, start))
    # Who is given no pulse is not looked at.
    is_tested = pairs > 0
    reference = jnp.where(is_tested, found - nominal, 0)
    if traits.reference is not None:
        reference = reference + traits.reference
    if traits.is_stuck is None:
        return traits.replace(reference=reference)
    stuck = given(traits.stuck_weight)
    stuck = jnp.where(is_tested, stuck - reference, stuck)
    return traits.replace(reference=reference, stuck_weight=stuck)


def symmetry_point(law: Law, params: DeviceParams, is_pair: bool) -> float:
    """Returns the reference of a cell that is as the technology's mean [w.u.]; 0: not shifted."""
    if params.zero_shift is None:
        return 0.0
    shifted = zero_shifted(law, params, ALIKE, is_pair, (), None)
    return float(given(shifted.reference))
