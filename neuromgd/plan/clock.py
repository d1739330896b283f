"""Where the numbers meet the clock: what a platform says of the time and energy of a run."""

from itertools import pairwise
from typing import Any

from neuromgd.chip.design import Tau
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.modes import words_of
from neuromgd.plan.code import named
from neuromgd.synapse.codes.code import Code
from neuromgd.timing import Report, Workload, load, time_run
from neuromgd.timing.schedules import usual

Layers = tuple[int, ...] | None


def workload(config: Config, layers: Layers, tau: Tau, steps: int, code: Code) -> dict[str, Any]:
    """Returns what of a run decides its time, as its summary records it.

    Args:
        config: What is run.
        layers: Widths of all layers; None: a user's own network.
        tau: Hold times [timesteps].
        steps: Length of the run [timesteps].
        code: Says how many are kicked at a time.
    """
    return {
        "layers": layers and list(layers),
        "steps": steps,
        "tau_sample": tau.sample,
        "tau_perturbation": tau.perturbation,
        "tau_update": tau.update,
        "broadcast": config.bus.broadcast,
        "pass_order": config.bus.pass_order,
        "schedule": config.bus.reference,
        **kicked(config, layers, code),
        **written(config),
        **transferred(config),
    }


def kicked(config: Config, layers: Layers, code: Code) -> dict[str, int]:
    """Returns how many kicks a perturbation has, if they are not one for every synapse."""
    if layers is None:
        return {}
    shapes, words = list(pairwise(layers)), words_of(config.learning.mode)
    each = words * len(shapes) if len(words) == 1 else words
    every = sum(
        outputs if word == "node" else (inputs + 1) * outputs
        for (inputs, outputs), word in zip(shapes, each, strict=False)
    )
    count = code.kicked(every)
    synapses = sum((inputs + 1) * outputs for inputs, outputs in shapes)
    return {} if count == synapses else {"kicked": count}


def written(config: Config) -> dict[str, Any]:
    """Returns how much of an array is written in a window, if it is not all of it."""
    rows, share = config.synapse.rows_per_write, config.synapse.write_share
    told = {"rows_per_write": rows, "write_share": None if share is None else float(share)}
    return {name: value for name, value in told.items() if value is not None}


def transferred(config: Config) -> dict[str, int]:
    """Returns how often fast cells are read into slow ones, if weights have two cells."""
    transfer = config.transfer
    if transfer.every is None:
        return {}
    # A verified transfer reads the slow cells before and after.
    told = {
        "transfer_every": transfer.every,
        "transfer_reads": 3 if transfer.verified else 1,
        "transfer_writes": 1 if transfer.keep else 2,
    }
    return told if transfer.rows is None else told | {"transfer_rows": transfer.rows}


def clock(
    config: Config, layers: Layers, tau: Tau, steps: int, code: Code | None = None
) -> Report | None:
    """Returns the clock of one chip on the chosen platform, or None without a platform.

    Args:
        config: What is run.
        layers: Widths of all layers; None: a user's own network.
        tau: Hold times [timesteps].
        steps: Length of the run [timesteps].
        code: Perturbation code; None: the one that the options name.

    Raises:
        InputError: If the platform cannot time this run.
    """
    if config.platform is None:
        return None
    if layers is None:
        raise InputError(
            "option platform: times networks of dense layers, not a network of your own; leave it"
            " out and price the finished run with neuromgd time --layers"
        )
    facts: dict[str, Any] = workload(config, layers, tau, steps, code or named(config.synapse))
    schedule = facts.pop("schedule")
    facts["layers"] = layers
    platform = load(config.platform)
    return time_run(platform, Workload(**facts), usual(set(platform.times), schedule))


def seconds_per_timestep(config: Config, report: Report | None) -> float | None:
    """Returns how much older cells get in a timestep [s]: as said, else by the platform's clock."""
    if config.device.seconds_per_timestep is not None:
        return config.device.seconds_per_timestep
    return None if report is None else report.seconds_per_timestep
