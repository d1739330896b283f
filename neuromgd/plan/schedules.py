"""How the learning rate falls over a run, as a factor of its first value."""

from collections.abc import Callable
from functools import lru_cache

import jax.numpy as jnp
import optax

from neuromgd.chip.design import CONSTANT
from neuromgd.options.config import LearningConfig

Schedule = Callable[..., object]
# What stands if nothing is said: loss of η per epoch, and last η over first η.
DECAY, FINAL = 0.1, 0.01
# What falls by the share of the run that is done, so that its length has a part in its numbers.
OVER_ITS_LENGTH = ("cosine", "linear", "exponential")


def schedule(config: LearningConfig, windows: int, windows_per_epoch: float) -> Schedule:
    """Returns window number -> factor on η.

    Args:
        config: Names the schedule.
        windows: Length of the run.
        windows_per_epoch: Windows in one pass through the training set.
    """
    final = FINAL if config.final is None else config.final
    decay = DECAY if config.decay is None else config.decay
    return _factor(config.schedule, windows, windows_per_epoch, final, decay)


@lru_cache(maxsize=64)  # equal schedules are one function, so that their runs share a program
def _factor(
    name: str, windows: int, windows_per_epoch: float, final: float, decay: float
) -> Schedule:
    if name == "inverse":
        # The epoch is a whole number, as in η0/(1 + decay·epoch).
        return lambda window: 1 / (1 + decay * jnp.floor(window / windows_per_epoch))
    if name == "cosine":
        return optax.cosine_decay_schedule(1.0, windows, final)
    if name == "linear":
        return optax.linear_schedule(1.0, final, windows)
    if name == "exponential":
        return optax.exponential_decay(1.0, windows, final)
    return CONSTANT
