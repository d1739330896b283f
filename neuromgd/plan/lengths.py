"""How long a run is, and what changes when."""

import math

from neuromgd.chip.design import Tau
from neuromgd.data.task import Task
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.modes import kicks_neurons


def taus(config: Config, task: Task) -> Tau:
    """Returns the hold times.

    Raises:
        InputError: If τ_θ is no multiple of τ_p and of τ_x, or several samples share one ΔC that
            neurons are to learn from.
    """
    has_neurons = kicks_neurons(config.learning.mode)
    if config.tau_sample or config.tau_perturbation or config.tau_update:
        sample, perturbation = config.tau_sample or 1, config.tau_perturbation or 1
        update = config.tau_update or math.lcm(sample, perturbation)
    else:
        update = config.batch or task.batch
        sample, perturbation = 1, 1 if has_neurons else update
    for name, value in (("tau_sample", sample), ("tau_perturbation", perturbation)):
        if update % value:
            raise InputError(
                f"option tau_update = {update}: must be a multiple of {name} = {value}"
            )
    if has_neurons and sample % perturbation and config.bus.broadcast == "perturbation":
        raise InputError(
            f"option tau_perturbation = {perturbation}: the kick of a neuron is worth what its"
            f" sample makes of it, and samples change every {sample}; give every sample its kick"
            " (tau_perturbation = 1) or its ΔC (bus.broadcast = 'timestep')"
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
