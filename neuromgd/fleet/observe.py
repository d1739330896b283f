"""What can be seen of simulated chips from outside."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array

from neuromgd.chip.chip import Chip, encodings, over_arrays, weights
from neuromgd.data.sample import as_shown
from neuromgd.device.cell import CellState, conducted, tester_pulses
from neuromgd.device.traits import Traits
from neuromgd.fleet.engine import Observed
from neuromgd.fleet.shown import scale
from neuromgd.network.ranges import Readings, readings
from neuromgd.plan.plan import Plan

# Samples whose readings are searched for saturation.
SAMPLES = 256

# How near to a bound of its window a cell is at it [share of the window].
MARGIN = 1e-3


def observed(plan: Plan, chips: Chip) -> Observed:
    """Returns what can be seen of chips along a leading axis."""
    cells = jax.tree.leaves(chips.cells, is_leaf=lambda leaf: isinstance(leaf, CellState))
    count = sum(cell.weight.size for cell in cells)
    tested = tester_pulses(plan.params.device)
    before = 0.0 if tested is None else float(jnp.mean(tested))
    writes = sum(float(jnp.sum(cell.writes.astype(jnp.float32) - before)) for cell in cells)
    theta = jax.eval_shape(jax.vmap(weights), chips)
    full_scale, adc = chips.traits.delta_range, _readings(plan, chips)
    return Observed(
        synapses=sum(math.prod(leaf.shape[1:]) for leaf in jax.tree.leaves(theta)),
        writes=writes / len(chips.key),
        writes_per_cell=writes / count,
        tester_pulses=before,
        at_bound=_at_bound(plan, chips, count),
        saturated=None if adc is None else float(adc.saturated),
        adc_within=None if adc is None else float(adc.within),
        adc_step=None if adc is None else float(adc.coarsest),
        delta_range=None if full_scale is None else float(jnp.mean(full_scale)),
    )


def _at_bound(plan: Plan, chips: Chip, count: int) -> float | None:
    device = plan.params.device
    if device.weight_min is None or device.weight_max is None:
        return None
    margin = MARGIN * (device.weight_max - device.weight_min)
    low, high = device.weight_min + margin, device.weight_max - margin

    def there(cell: CellState, own: Traits) -> Array:
        held = conducted(device, own, cell.weight)
        return jnp.sum((held <= low) | (held >= high))

    found = over_arrays(there, chips.cells, chips.traits.device)
    return sum(int(one) for one in jax.tree.leaves(found)) / count


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
