"""Centred inputs: every row subtracts a running mean of what drives it, one low-pass a neuron.

What is subtracted stands still inside a window, and moves at its end by the mean of what is left:
an integrator that drives it to zero. Until the time constant is over it is the mean of all windows
so far; in the first window nothing is subtracted.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Int

from neuromgd.chip.design import Design
from neuromgd.chip.machine import Machine
from neuromgd.errors import InputError
from neuromgd.network.converters import Converters
from neuromgd.network.forward import Rows
from neuromgd.network.nodes import nodes
from neuromgd.network.params import NetworkParams
from neuromgd.network.taps import Port


class CentreState(struct.PyTreeNode, kw_only=True):
    """What the rows of a chip keep.

    Attributes:
        mean: Number of an array -> what its rows subtract [input units].
        total: Number of an array -> sum of what was left on them in this window [input units].
    """

    mean: dict[int, Any]
    total: dict[int, Any]


def centre_state(design: Design, params: NetworkParams) -> CentreState | None:
    """Returns rows that have seen nothing; None: they subtract nothing.

    Raises:
        InputError: If the mode does not see what drives the arrays.
    """
    if params.centre_windows is None:
        return None
    if not design.mode.sees_rows:
        raise InputError(
            "option array.centre_windows: a mode in which no array kicks its neurons does not note"
            " what drives its rows"
        )
    if "pre" in str(design.gate):
        raise InputError(
            f"option synapse.gate = '{design.gate}': beside array.centre_windows no input is 0"
        )
    every = {
        one.number: jnp.zeros(one.rows, jnp.float32)
        for one in nodes(design.network)
        if one.unfit is None
    }
    return CentreState(mean=every, total=jax.tree.map(jnp.zeros_like, every))


def centred(converters: Converters, state: CentreState | None) -> Converters:
    """Returns what is around the arrays, with what their rows subtract."""
    return converters if state is None else converters.replace(centre=state.mean)


def sums(state: CentreState | None, rows: Rows) -> dict[int, Array]:
    """Returns the sum over samples of what was left on the rows; {}: they subtract nothing."""
    if state is None:
        return {}
    return {number: jnp.sum(rows[Port.ROWS, number], axis=0) for number in state.mean}


def heard(state: CentreState | None, more: dict[int, Array]) -> CentreState | None:
    """Returns the state after some samples, from ``sums``."""
    if state is None:
        return None
    return state.replace(total=jax.tree.map(jnp.add, state.total, more))


def moved(
    machine: Machine, state: CentreState | None, window: Int[Array, ""]
) -> CentreState | None:
    """Returns the state at the end of a window, ready for the next."""
    windows = machine.params.network.centre_windows
    if state is None or windows is None:
        return state
    share = jnp.maximum(1 / windows, 1 / (window.astype(jnp.float32) + 1))
    step = jnp.minimum(share, 1) / jnp.asarray(machine.tau.update, jnp.float32)
    mean = jax.tree.map(lambda one, left: one + step * left, state.mean, state.total)
    return CentreState(mean=mean, total=jax.tree.map(jnp.zeros_like, state.total))
