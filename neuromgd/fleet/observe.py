"""What can be seen of simulated chips from outside."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from neuromgd.chip.chip import Chip, encodings, those_that_learn, weights
from neuromgd.data.sample import as_shown
from neuromgd.device.cell import CellState, conducted, tester_pulses
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.params import DeviceParams
from neuromgd.device.traits import Traits
from neuromgd.fleet.engine import Observed
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
    """The cells of one technology on all chips: those that learn, or the slow ones beside them."""

    device: DeviceParams
    cells: Arrays
    traits: Arrays

    @property
    def number(self) -> int:
        """Number of cells."""
        return sum(cell.weight.size for cell in self._each)

    @property
    def tested(self) -> float:
        """Pulses that each of them had from a tester."""
        pulses = tester_pulses(self.device)
        return 0.0 if pulses is None else float(jnp.mean(pulses))

    @property
    def writes(self) -> float:
        """Writes of all of them since."""
        return sum(
            float(jnp.sum(cell.writes.astype(jnp.float32) - self.tested)) for cell in self._each
        )

    @property
    def at_bound(self) -> int | None:
        """How many are at a bound of their window; None: they have none."""
        device = self.device
        if device.weight_min is None or device.weight_max is None:
            return None
        margin = MARGIN * (device.weight_max - device.weight_min)
        low, high = device.weight_min + margin, device.weight_max - margin

        def there(cell: CellState, own: Traits) -> Array:
            held = conducted(device, own, cell.weight)
            return jnp.sum((held <= low) | (held >= high))

        found = over_arrays(there, self.cells, self.traits)
        return sum(int(one) for one in jax.tree.leaves(found))

    @property
    def _each(self) -> list[CellState]:
        return jax.tree.leaves(self.cells, is_leaf=lambda leaf: isinstance(leaf, CellState))


def observed(plan: Plan, chips: Chip) -> Observed:
    """Returns what can be seen of chips along a leading axis."""
    learns = those_that_learn(plan.design, chips)
    fast, slow = _Kind(plan.params.device, learns.cells, learns.traits.device), None
    if learns.slow is not None and plan.params.transfer is not None:
        slow = _Kind(plan.params.transfer.device, learns.slow.cells, learns.slow.traits)
    # Where there are slow cells, they hold the weights.
    holding, members = slow or fast, len(chips.key)
    synapses, learners = (_synapses(one) for one in (chips, learns))
    full_scale, adc = chips.traits.delta_range, _readings(plan, chips)
    return Observed(
        synapses=synapses,
        writes=(fast.writes + (0.0 if slow is None else slow.writes)) / members,
        writes_per_cell=fast.writes / fast.number,
        slow_writes_per_cell=None if slow is None else slow.writes / slow.number,
        cells_per_weight=(fast.number + (0 if slow is None else slow.number))
        // (members * learners),
        tester_pulses=fast.tested,
        at_bound=None if holding.at_bound is None else holding.at_bound / holding.number,
        saturated=None if adc is None else float(adc.saturated),
        adc_within=None if adc is None else float(adc.within),
        adc_step=None if adc is None else float(adc.coarsest),
        delta_range=None if full_scale is None else float(jnp.mean(full_scale)),
    )


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
            network, params, chip.traits.converters, weights(chip), x, encodings(plan.params, chip)
        )
    )(chips)
    return Readings(jnp.mean(told.saturated), jnp.max(told.within), jnp.mean(told.coarsest))


def writes_per_cell(plan: Plan, chips: Chip) -> np.ndarray:
    """Returns the (chips,) mean numbers of writes of the memory cells that learn."""
    is_cell = lambda leaf: isinstance(leaf, CellState)
    learns = those_that_learn(plan.design, chips)
    cells = jax.tree.leaves(learns.cells, is_leaf=is_cell)
    counts = [to_host(cell.writes).reshape(len(cell.writes), -1).astype(float) for cell in cells]
    pulses = tester_pulses(plan.params.device)
    tested = 0.0 if pulses is None else float(jnp.mean(pulses))
    return np.concatenate(counts, axis=1).mean(1) - tested
