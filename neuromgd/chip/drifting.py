"""Stored weights that drift by a schedule, whatever wrote them: learning has to follow."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import is_bias, technologies
from neuromgd.data.drifting import gone
from neuromgd.device.cell import CellState, bounded
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.technology import Technology, alike
from neuromgd.device.traits import Traits
from neuromgd.randomness import Stream, each, normal
from neuromgd.typing import Arrays, Leaf


def disturbed(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Returns the chip at the end of a window, whose stored weights have drifted in it.

    They have come as far as what is shown in that window. Of two cells a weight, the slow ones
    drift, which hold what is learnt.
    """
    drifting, transfer = machine.params.drifting, machine.design.transfer
    if drifting is None or (drifting.weights is None and drifting.biases is None):
        return chip
    moved = _moved(machine, weights(chip), chip, window)
    if chip.slow is not None and transfer is not None and machine.params.transfer is not None:
        kind = Technology(transfer.law, machine.params.transfer.device, transfer.is_pair)
        kinds = alike(kind, chip.slow.cells)
        cells = _shifted(kinds, chip.slow.cells, moved, chip.slow.traits)
        return chip.replace(slow=chip.slow.replace(cells=cells))
    cells = _shifted(technologies(machine, chip.cells), chip.cells, moved, chip.traits.device)
    return chip.replace(cells=cells)


def _moved(machine: Machine, theta: Arrays, chip: Chip, window: Int[Array, ""]) -> Arrays:
    """Returns arrays of what every weight drifts by in a window [w.u.]."""
    drifting = machine.params.drifting
    assert drifting is not None
    after, before = gone(drifting, window), gone(drifting, jnp.maximum(window - 1, 0))
    # A step has a direction of its own, all else keeps one.
    number = after.astype(jnp.int32) if drifting.shape == "step" else jnp.int32(0)
    keys = each(chip.key, Stream.DISTURBANCE, number, theta)

    def of(path: tuple[Any, ...], leaf: Array, key: Array) -> Array:
        sigma = drifting.biases if is_bias(path) else drifting.weights
        return (
            jnp.zeros_like(leaf)
            if sigma is None
            else sigma * (after - before) * normal(key, leaf.shape)
        )

    return jax.tree_util.tree_map_with_path(of, theta, keys)


def _shifted(kinds: Arrays, cells: Arrays, moved: Arrays, traits: Arrays) -> Arrays:
    def one(cell: CellState, change: Leaf, own: Traits, kind: Technology) -> CellState:
        if cell.is_pair:
            change = jnp.stack([change, -change])
        weight = bounded(kind.params, cell.weight + change, own)
        # What the network sees beside it, noise and all, moves along.
        seen = None if cell.seen is None else cell.seen + (weight - cell.weight)
        return cell.replace(weight=weight, seen=seen)

    return over_arrays(one, cells, moved, traits, kinds)
