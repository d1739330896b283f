"""What the chips of a run are shown, and in what pieces."""

import jax
import jax.numpy as jnp

from neuromgd.data.sample import Sample
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan

# Windows, and samples that all chips are shown, in one call of the compiled program.
MOST_WINDOWS = 2**16
MOST_SHOWN = 2**25


def training_set(plan: Plan, where: Layout = ONE_DEVICE) -> Sample:
    """Returns the training set on the accelerators, as stored."""
    return where.everywhere(Sample(jnp.asarray(plan.data.train_x), jnp.asarray(plan.data.train_y)))


def scale(plan: Plan, where: Layout = ONE_DEVICE) -> jax.Array | None:
    """Returns () what a stored input is multiplied by; None: tokens stay whole numbers."""
    if plan.data.has_tokens:
        return None
    return where.everywhere(jnp.asarray(plan.data.scale, jnp.float32))


def between_rows(config: Config, plan: Plan) -> int:
    """Returns how many windows there are between two rows of the history."""
    return min(config.log_every or -(-plan.windows // 100), plan.windows)


def chunk(config: Config, plan: Plan) -> int:
    """Returns how many windows one call of the compiled program advances at most.

    Bounded by what it holds for them: the order of all their samples, and their records.
    """
    shown = plan.tau.update // plan.tau.sample
    members = config.chips * plan.points
    return max(1, min(between_rows(config, plan), MOST_WINDOWS, MOST_SHOWN // (shown * members)))
