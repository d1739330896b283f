"""Is a run sound? What is no hardware's doing is said."""

import warnings

import jax
import numpy as np
from numpy.typing import ArrayLike

from neuromgd.errors import RoundingWarning, SlowEngineWarning, UncutWarning
from neuromgd.fleet.engine import Engine
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.verdict.row import Row
from neuromgd.verdict.stopped import RUNAWAY

# A modelled signal below this many grains of rounding is not the hardware's but the simulator's.
SIGNAL_GRAINS = 20


def ceiling(first_costs: ArrayLike) -> float:
    """Returns the highest cost of a chip that may still learn; a cost of zero or less sets none."""
    worst = float(np.max(first_costs))
    return RUNAWAY * worst if worst > 0 else np.inf


def warn_of_steps(engine: Engine) -> None:
    """Says so if the timesteps of a window have to be computed one after the other."""
    if engine.slow_because is not None:
        warnings.warn(
            f"timesteps are computed one after the other, which is slow: {engine.slow_because}",
            SlowEngineWarning,
            stacklevel=3,
        )


def warn_of_one_device(config: Config) -> None:
    """Says so if arrays are to be cut into parts and there is one device for all of them."""
    if config.shard_arrays and jax.device_count() == 1:
        warnings.warn(
            "shard_arrays: JAX has one device, so every array stays whole",
            UncutWarning,
            stacklevel=3,
        )


def warn_of_rounding(engine: Engine, config: Config, plan: Plan, row: Row) -> None:
    """Says so if the cost changes of a run are little more than float32 rounding.

    Differences are taken per sample, so that their rounding errors average out over a perturbation.
    """
    if not engine.has_readings or config.bus.cost_difference == "exact":
        return
    grain = float(np.spacing(np.float32(row.cost))) / np.sqrt(plan.tau.perturbation)
    if row.delta_cost < SIGNAL_GRAINS * grain:
        warnings.warn(
            f"the cost changes of this run, mean |ΔC| = {row.delta_cost:.2g}, are under"
            f" {SIGNAL_GRAINS} grains of float32 rounding ({grain:.1g}): raise --amplitude, or use"
            " --bus.cost-difference exact",
            RoundingWarning,
            stacklevel=3,
        )
