"""How the learning rate falls over a run, as a factor of its first value."""

from collections.abc import Callable

import jax.numpy as jnp
import optax

from neuromgd.options.config import LearningConfig

Schedule = Callable[..., object]
# What stands if nothing is said: loss of η per epoch, and last η over first η.
DECAY, FINAL = 0.1, 0.01


def schedule(config: LearningConfig, windows: int, windows_per_epoch: float) -> Schedule:
    """Returns window number -> factor on η.

    Args:
        config: Names the schedule.
        windows: Length of the run.
        windows_per_epoch: Windows in one pass through the training set.
    """
    final = FINAL if config.final is None else config.final
    decay = DECAY if config.decay is None else config.decay
    if config.schedule == "inverse":
        # The epoch is a whole number, as in η0/(1 + decay·epoch).
        return lambda window: 1 / (1 + decay * jnp.floor(window / windows_per_epoch))
    if config.schedule == "cosine":
        return optax.cosine_decay_schedule(1.0, windows, final)
    if config.schedule == "linear":
        return optax.linear_schedule(1.0, final, windows)
    if config.schedule == "exponential":
        return optax.exponential_decay(1.0, windows, final)
    return optax.constant_schedule(1.0)
