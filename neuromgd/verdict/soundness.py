"""Is a run sound? What blows up is stopped, and what is no hardware's doing is said."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from numpy.typing import ArrayLike

from neuromgd.errors import DivergedError, RoundingWarning, SlowEngineWarning, UncutWarning
from neuromgd.fleet.engine import Engine
from neuromgd.fleet.processes import to_host
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.typing import Arrays
from neuromgd.verdict.row import Row

# A chip whose cost has grown by this factor learns nothing any more, finite as it may be.
RUNAWAY = 1e3

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


def stop_if_diverged(
    weights: Arrays, costs: Float[np.ndarray, "windows chips"], last: int, ceiling: float
) -> None:
    """Raises DivergedError, naming the first quantity that blew up, and where.

    Args:
        weights: (places, *array) each, of all chips [w.u.].
        costs: (windows, chips) since the last look [cost].
        last: Number of windows done.
        ceiling: Highest cost of a chip that may still learn.
    """
    has_weights = to_host(_is_finite(weights))[: costs.shape[1]]
    quantities = {
        "the weights θ": has_weights,
        "the cost C": (np.isfinite(costs) & (costs <= ceiling)).all(axis=0),
    }
    for name, is_sound in quantities.items():
        if not is_sound.all():
            raise DivergedError(
                f"{name} of chip {np.argmin(is_sound)} ({(~is_sound).sum()} of {is_sound.size}"
                f" chips) blew up before window {last}: try a smaller learning rate (--eta)"
            )


@jax.jit
def _is_finite(weights: Arrays) -> Bool[Array, " places"]:
    """Tells for every chip whether all its weights are numbers."""
    arrays = [jnp.isfinite(leaf) for leaf in jax.tree.leaves(weights)]
    whole = [jnp.all(leaf, axis=tuple(range(1, leaf.ndim))) for leaf in arrays]
    return jnp.all(jnp.stack(whole), axis=0)
