"""What can be seen of simulated chips from outside."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from neuromgd.chip.centre import centred
from neuromgd.chip.chip import Chip, encodings, those_that_learn, weights
from neuromgd.chip.technologies import every_technology, technologies
from neuromgd.data.sample import as_shown
from neuromgd.device.cell import CellState, conducted, tester_pulses
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.technology import Technology, alike
from neuromgd.device.traits import Traits
from neuromgd.fleet.engine import Observed, OfTechnology
from neuromgd.fleet.processes import to_host
from neuromgd.fleet.shown import scale
from neuromgd.network.ranges import Readings, readings
from neuromgd.plan.plan import Plan
from neuromgd.typing import Arrays

# Samples whose readings are searched for saturation.
SAMPLES = 256

# How near to a bound of its window a cell is at it [share of the window].
MARGIN = 1e-3


class _Kind(NamedTuple):
    """Some cells on all chips: those that learn, or the slow ones beside them.

    Attributes:
        cells: Pytree of ``CellState``.
        traits: Pytree of their ``Traits``.
        kinds: Pytree of their ``Technology``.
    """

    cells: Arrays
    traits: Arrays
    kinds: Arrays

    @property
    def number(self) -> int:
        """Number of cells."""
        return sum(cell.weight.size for cell, _, _ in self._each)

    @property
    def tested(self) -> float:
        """Pulses that each of them had from a tester, on average."""
        every = sum(_tested(kind) * cell.weight.size for cell, _, kind in self._each)
        return every / self.number

    @property
    def writes(self) -> float:
        """Writes of all of them since."""
        each = [(cell.writes, np.float32(_tested(kind))) for cell, _, kind in self._each]
        return sum(map(float, _summed(each)))

    @property
    def at_bound(self) -> float | None:
        """Share that is at a bound of its window, of those that have one [1]; None: none has."""
        bounded = [one for one in self._each if _has_window(one[2])]
        if not bounded:
            return None
        there = sum(map(int, _at_bound([(cell, own, kind.params) for cell, own, kind in bounded])))
        return there / sum(cell.weight.size for cell, _, _ in bounded)

    def only(self, kind: Technology) -> "_Kind | None":
        """Returns those of one technology; None: there are none."""
        own = [one for one in self._each if one[2].params is kind.params]
        return _Kind(*map(list, zip(*own, strict=True))) if own else None

    @property
    def _each(self) -> list[tuple[CellState, Traits, Technology]]:
        is_cell = lambda leaf: isinstance(leaf, CellState)
        cells, structure = jax.tree.flatten(self.cells, is_leaf=is_cell)
        beside = (structure.flatten_up_to(tree) for tree in (self.traits, self.kinds))
        return list(zip(cells, *beside, strict=True))


def _tested(kind: Technology) -> float:
    pulses = tester_pulses(kind.params)
    return 0.0 if pulses is None else float(jnp.mean(pulses))


def _has_window(kind: Technology) -> bool:
    return kind.params.weight_min is not None and kind.params.weight_max is not None


# One program for all arrays, not some for each.
@jax.jit
def _summed(each: list[tuple[Array, Array]]) -> list[Array]:
    """Returns how many writes all cells of every array had beside those of a tester."""
    return [jnp.sum(writes.astype(jnp.float32) - tested) for writes, tested in each]


@jax.jit
def _at_bound(each: list[tuple[CellState, Traits, DeviceParams]]) -> list[Array]:
    """Returns how many cells of every array are at a bound of their window."""

    def of(cell: CellState, own: Traits, device: DeviceParams) -> Array:
        low, high = given(device.weight_min), given(device.weight_max)
        margin = MARGIN * (high - low)
        held = conducted(own, cell.weight)
        return jnp.sum((held <= low + margin) | (held >= high - margin))

    return [of(*one) for one in each]


def observed(plan: Plan, chips: Chip) -> Observed:
    """Returns what can be seen of chips along a leading axis."""
    learns = those_that_learn(plan.design, chips)
    kinds, transfer = technologies(plan.machine, learns.cells), plan.params.transfer
    fast, slow = _Kind(learns.cells, learns.traits.device, kinds), None
    if learns.slow is not None and transfer is not None and plan.design.transfer is not None:
        kind = Technology(plan.design.transfer.law, transfer.device, plan.design.transfer.is_pair)
        cells = learns.slow.cells
        slow = _Kind(cells, learns.slow.traits, alike(kind, cells))
    # Where there are slow cells, they hold the weights.
    holding, members = slow or fast, len(chips.key)
    synapses, learners = (_synapses(one) for one in (chips, learns))
    full_scale, adc = chips.traits.delta_range, _readings(plan, chips)
    return Observed(
        synapses=synapses,
        writes=(fast.writes + (0.0 if slow is None else slow.writes)) / members,
        writes_per_cell=fast.writes / fast.number,
        slow_writes_per_cell=None if slow is None else slow.writes / slow.number,
        # A bias in a register has one where a weight may have two.
        cells_per_weight=-(
            -(fast.number + (0 if slow is None else slow.number)) // (members * learners)
        ),
        tester_pulses=fast.tested,
        at_bound=holding.at_bound,
        saturated=None if adc is None else float(adc.saturated),
        adc_within=None if adc is None else float(adc.within),
        adc_step=None if adc is None else float(adc.coarsest),
        delta_range=None if full_scale is None else float(jnp.mean(full_scale)),
        by_technology=_by_technology(plan, fast),
    )


def _by_technology(plan: Plan, fast: _Kind) -> tuple[OfTechnology | None, ...]:
    def seen(one: _Kind | None) -> OfTechnology | None:
        if one is None:
            return None
        return OfTechnology(one.writes / one.number, one.at_bound, one.tested)

    return tuple(seen(fast.only(kind)) for kind in every_technology(plan.machine))


def _synapses(chips: Chip) -> int:
    theta = jax.eval_shape(jax.vmap(weights), chips)
    return sum(math.prod(leaf.shape[1:]) for leaf in jax.tree.leaves(theta))


def _readings(plan: Plan, chips: Chip) -> Readings | None:
    """Returns what the converters behind the arrays of all chips make of some samples."""
    network, params = plan.design.network, plan.params.network
    if params.adc_top is None:
        return None
    x = as_shown(jnp.asarray(plan.data.train_x[:SAMPLES]), scale(plan))
    told = jax.vmap(
        lambda chip: readings(
            network,
            params,
            centred(chip.traits.converters, chip.centre),
            weights(chip),
            x,
            encodings(plan.machine, chip),
        )
    )(chips)
    return Readings(jnp.mean(told.saturated), jnp.max(told.within), jnp.mean(told.coarsest))


def writes_per_cell(plan: Plan, chips: Chip) -> np.ndarray:
    """Returns the (chips,) mean numbers of writes of the memory cells that learn."""
    is_cell = lambda leaf: isinstance(leaf, CellState)
    learns = those_that_learn(plan.design, chips)
    cells, structure = jax.tree.flatten(learns.cells, is_leaf=is_cell)
    kinds = structure.flatten_up_to(technologies(plan.machine, learns.cells))
    counts = [
        to_host(cell.writes).reshape(len(cell.writes), -1).astype(float) - _tested(kind)
        for cell, kind in zip(cells, kinds, strict=True)
    ]
    return np.concatenate(counts, axis=1).mean(1)
