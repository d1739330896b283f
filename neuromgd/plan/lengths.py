"""How long a run is, and what changes when."""

import math

from neuromgd.chip.design import Tau
from neuromgd.data.task import Task
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.modes import kicks_neurons
from neuromgd.plan.continuous import HOLD, refuse_blanked


def taus(config: Config, task: Task, is_continuous: bool = False) -> Tau:
    """Returns the hold times.

    Args:
        config: What to run.
        task: Gives the batch where nothing is said.
        is_continuous: Whether weights move at every timestep.

    Raises:
        InputError: If τ_θ is no multiple of τ_p and of τ_x, several samples share one ΔC that
            neurons are to learn from, or continuous time lets nothing through.
    """
    has_neurons = kicks_neurons(config.learning.mode)
    held = HOLD if is_continuous else 1
    if config.tau_sample or config.tau_perturbation or config.tau_update:
        perturbation = config.tau_perturbation or 1
        sample = config.tau_sample or held * (perturbation if is_continuous else 1)
        update = config.tau_update or math.lcm(sample, perturbation)
    else:
        update = (config.batch or task.batch) * held
        sample, perturbation = held, 1 if has_neurons or is_continuous else update
    for name, value in (("tau_sample", sample), ("tau_perturbation", perturbation)):
        if update % value:
            raise InputError(
                f"option tau_update = {update}: must be a multiple of {name} = {value}"
            )
    if is_continuous:
        refuse_blanked(sample, perturbation)
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
