"""Trained chips changed from outside: their weights written to other cells, or left to time."""

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.chip.chip import Chip
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import technologies
from neuromgd.device.cell import CellState, store
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.retention import advance
from neuromgd.typing import Arrays, Leaf


def programmed(machine: Machine, chips: Chip, theta: Arrays) -> Chip:
    """Returns chips whose cells hold given weights, as far as their windows reach.

    Args:
        machine: What they are.
        chips: Along a leading axis.
        theta: (chips, *array) weights of each [w.u.].
    """
    kinds = technologies(machine, jax.tree.map(lambda leaf: leaf[0], theta))

    def one(chip: Chip, theta: Arrays) -> Chip:
        cells = jax.tree.map(
            lambda array, own, kind: store(kind.params, array, own, kind.is_pair),
            theta, chip.traits.device, kinds,
        )  # fmt: skip
        return chip.replace(cells=cells)

    return jax.jit(jax.vmap(one))(chips, theta)


def is_moving(chips: Chip) -> bool:
    """Tells whether time does anything to the cells."""
    is_cell = lambda leaf: isinstance(leaf, CellState)
    every = [chips.cells, None if chips.slow is None else chips.slow.cells]
    cells = [one for one in jax.tree.leaves(every, is_leaf=is_cell) if is_cell(one)]
    clocks = [(one.drift_clock, one.leak_clock, one.relaxation_clock) for one in cells]
    return any(clock is not None for some in clocks for clock in some)


def aged(machine: Machine, chips: Chip, seconds: float) -> Chip:
    """Returns chips after a time in which nobody wrote them.

    Args:
        machine: What they are.
        chips: Along a leading axis.
        seconds: How long [s].
    """
    kinds = technologies(machine, _first(chips.cells))
    slow_kind = None if machine.params.transfer is None else machine.params.transfer.device

    def one(chip: Chip, seconds: Leaf) -> Chip:
        fast = over_arrays(
            lambda cell, own, kind: advance(kind.params, own, cell, seconds),
            chip.cells, chip.traits.device, kinds,
        )  # fmt: skip
        chip = chip.replace(cells=fast)
        if chip.slow is None or slow_kind is None:
            return chip
        device = slow_kind
        slow = over_arrays(
            lambda cell, own: advance(device, own, cell, seconds),
            chip.slow.cells, chip.slow.traits,
        )  # fmt: skip
        return chip.replace(slow=chip.slow.replace(cells=slow))

    long = jnp.asarray(np.float32(seconds))
    return jax.jit(jax.vmap(one, in_axes=(0, None)))(chips, long)


def _first(cells: Arrays) -> Arrays:
    return jax.tree.map(lambda leaf: leaf[0], cells)
