"""What can be seen of simulated chips from outside."""

import math

import jax
import jax.numpy as jnp

from neuromgd.chip.chip import Chip, encodings, weights
from neuromgd.data.sample import as_shown
from neuromgd.device.cell import CellState
from neuromgd.fleet.engine import Observed
from neuromgd.fleet.shown import scale
from neuromgd.network.ranges import saturated_share
from neuromgd.plan.plan import Plan

# Samples whose readings are searched for saturation.
SAMPLES = 256

# How near to a bound of its window a cell is at it [share of the window].
MARGIN = 1e-3


def observed(plan: Plan, chips: Chip) -> Observed:
    """Returns what can be seen of chips along a leading axis."""
    cells = jax.tree.leaves(chips.cells, is_leaf=lambda leaf: isinstance(leaf, CellState))
    count = sum(cell.weight.size for cell in cells)
    writes = sum(float(jnp.sum(cell.writes.astype(jnp.float32))) for cell in cells)
    theta = jax.eval_shape(jax.vmap(weights), chips)
    full_scale = chips.traits.delta_range
    return Observed(
        synapses=sum(math.prod(leaf.shape[1:]) for leaf in jax.tree.leaves(theta)),
        writes=writes / len(chips.key),
        writes_per_cell=writes / count,
        at_bound=_at_bound(plan, cells, count),
        saturated=_saturated(plan, chips),
        delta_range=None if full_scale is None else float(jnp.mean(full_scale)),
    )


def _at_bound(plan: Plan, cells: list[CellState], count: int) -> float | None:
    device = plan.params.device
    if device.weight_min is None or device.weight_max is None:
        return None
    margin = MARGIN * (device.weight_max - device.weight_min)
    low, high = device.weight_min + margin, device.weight_max - margin
    return sum(int(jnp.sum((c.weight <= low) | (c.weight >= high))) for c in cells) / count


def _saturated(plan: Plan, chips: Chip) -> float | None:
    network, params = plan.design.network, plan.params.network
    if params.adc_top is None:
        return None
    x = as_shown(jnp.asarray(plan.data.train_x[:SAMPLES]), scale(plan))
    share = jax.vmap(
        lambda chip: saturated_share(
            network, params, chip.traits.converters, weights(chip), x, encodings(plan.params, chip)
        )
    )
    return float(jnp.mean(share(chips)))
