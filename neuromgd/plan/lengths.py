"""How long a run is, and what changes when."""

import math

from neuromgd.chip.design import Tau
from neuromgd.data.task import Task
from neuromgd.errors import InputError
from neuromgd.options.config import Config


def taus(config: Config, task: Task) -> Tau:
    """Returns the hold times.

    Raises:
        InputError: If τ_θ is no multiple of τ_p and of τ_x.
    """
    if config.tau_sample or config.tau_perturbation or config.tau_update:
        sample, perturbation = config.tau_sample or 1, config.tau_perturbation or 1
        update = config.tau_update or math.lcm(sample, perturbation)
    else:
        sample, perturbation, update = 1, config.batch or task.batch, config.batch or task.batch
    for name, value in (("tau_sample", sample), ("tau_perturbation", perturbation)):
        if update % value:
            raise InputError(
                f"option tau_update = {update}: must be a multiple of {name} = {value}"
            )
    return Tau(sample, perturbation, update)


def length(config: Config, task: Task, tau: Tau, samples: int) -> int:
    """Returns the length of the run in windows.

    Raises:
        InputError: If it has less than one window, or more timesteps than can be counted.
    """
    if config.windows:
        windows = config.windows
    elif config.steps:
        windows = config.steps // tau.update
    elif config.epochs:
        windows = round(config.epochs * samples * tau.sample / tau.update)
    else:
        windows = task.windows
    if windows < 1:
        raise InputError(f"option steps or epochs: shorter than one window of {tau.update} steps")
    if windows * tau.update >= 2**31:
        raise InputError(
            f"the run has {windows * tau.update} timesteps: at most {2**31 - 1} can be counted"
        )
    return windows
