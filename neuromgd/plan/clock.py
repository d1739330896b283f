"""Where the numbers meet the clock: what a platform says of the time and energy of a run."""

import math
from dataclasses import asdict
from functools import reduce
from operator import getitem
from typing import Any

import jax

from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.network.network import Network
from neuromgd.network.products import matrices_of, products
from neuromgd.options.config import Config
from neuromgd.synapse.in_turn import shares
from neuromgd.timing import Report, Workload, load, time_run
from neuromgd.timing.products import Products
from neuromgd.timing.schedules import usual

Layers = tuple[int, ...] | None


def workload(config: Config, machine: Machine, layers: Layers, steps: int) -> dict[str, Any]:
    """Returns what of a run decides its time, as its summary records it.

    Args:
        config: What is run.
        machine: What is built, and its hold times.
        layers: Widths of all layers; None: a user's own network, whose products are traced.
        steps: Length of the run [timesteps].

    Raises:
        InputError: If no clock can tell the time of the network.
    """
    tau, design = machine.tau, machine.design
    is_continuous = design.mode.is_continuous
    return {
        "layers": layers and list(layers),
        "network": None if layers else asdict(products_of(design.network)),
        "steps": steps,
        "tau_sample": tau.sample,
        "tau_perturbation": tau.perturbation,
        "tau_update": 1 if is_continuous else tau.update,
        "broadcast": str(design.broadcast),
        "pass_order": config.bus.pass_order,
        "schedule": "analog" if is_continuous else config.bus.reference,
        **of_chip(config),
        **kicked(machine),
        **frozen(machine),
        **taught_by_errors(machine),
        **written(config),
        **transferred(config),
    }


def products_of(network: Network) -> Products:
    """Returns what a sample asks of the arrays of a network."""
    assert network.inputs is not None, "the network was made for the data"
    return products(network, network.inputs, network.dtype)


def kicked(machine: Machine) -> dict[str, int | float]:
    """Returns how many kicks a perturbation has, if they are not one for every synapse.

    Where arrays are kicked in turn it is the mean over a turn of all.
    """
    design = machine.design
    theta = jax.eval_shape(design.network.initialise, jax.random.key(0))
    kicked = design.mode.kicked(machine, learning(design, theta))
    synapses = sum(math.prod(one.shape) for one in jax.tree.leaves(theta))
    every = sum(math.prod(one.shape) for one in jax.tree.leaves(kicked))
    counts = [*map(design.code.kicked, shares(kicked) if design.code.is_in_turn else [every])]
    mean = sum(counts) / len(counts) if len(counts) > 1 else counts[0]
    return {} if mean == synapses else {"kicked": mean}


def of_chip(config: Config) -> dict[str, Any]:
    """Returns what is asked of the chip, if anything is."""
    told = {"replicas": config.replicas, "fit": config.fit}
    return {name: value for name, value in told.items() if value is not None}


def frozen(machine: Machine) -> dict[str, Any]:
    """Returns how many synapses learn, and which matrices do not, if some are frozen."""
    design = machine.design
    if not design.frozen:
        return {}
    network = design.network
    assert network.inputs is not None, "its arrays were named"
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    learns = jax.tree.leaves(learning(design, theta))
    return {
        "learning": sum(math.prod(one.shape) for one in learns),
        "frozen": matrices_of(network, network.inputs, network.dtype, design.frozen),
    }


def taught_by_errors(machine: Machine) -> dict[str, int]:
    """Returns how many synapses learn by the errors of outputs, if any do."""
    design = machine.design
    theta = jax.eval_shape(design.network.initialise, jax.random.key(0))
    own = (reduce(getitem, path, theta) for path in design.mode.by_error)
    count = sum(math.prod(one.shape) for one in jax.tree.leaves(list(own)))
    return {"by_error": count} if count else {}


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


def clock(config: Config, machine: Machine, layers: Layers, steps: int) -> Report | None:
    """Returns the clock of one chip on the chosen platform, or None without a platform.

    Args:
        config: What is run.
        machine: What is built, and its hold times.
        layers: Widths of all layers; None: a user's own network.
        steps: Length of the run [timesteps].

    Raises:
        InputError: If the platform cannot time this run.
    """
    if config.platform is None:
        return None
    facts = workload(config, machine, layers, steps)
    schedule = facts.pop("schedule")
    facts |= {"layers": layers, "network": None if layers else products_of(machine.design.network)}
    platform = load(config.platform)
    return time_run(platform, Workload(**facts), usual(set(platform.times), schedule))


def seconds_per_timestep(config: Config, report: Report | None) -> float | None:
    """Returns how much older cells get in a timestep [s]: as said, else by the platform's clock."""
    if config.device.seconds_per_timestep is not None:
        return config.device.seconds_per_timestep
    return None if report is None else report.seconds_per_timestep
