"""What is wanted of the outputs: which cost and metric fit the targets, and what is refused."""

import jax
import numpy as np

from neuromgd.bus.costs import COSTS
from neuromgd.bus.costs.cost import Cost
from neuromgd.data.dataset import Dataset
from neuromgd.data.metrics import METRICS
from neuromgd.data.metrics.metric import Metric
from neuromgd.data.task import Task
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.options.config import Config

# Kind of targets -> (cost, metric) of data that are not of the kind that their task is of.
INSTEAD = {"classes": ("cross_entropy", "accuracy"), "values": ("mse", "rms_error")}


def wanted(
    config: Config, task: Task, data: Dataset, own_cost: Cost | None, own_metric: Metric | None
) -> tuple[Cost, Metric]:
    """Returns the cost and the metric of a run: a user's own, else as said, else the task's.

    Raises:
        InputError: If one does not fit the targets.
    """
    is_of_task = METRICS[task.metric].targets == data.targets
    cost, measured = (task.cost, task.metric) if is_of_task else INSTEAD[data.targets]
    cost, measured = config.network.cost or cost, config.metric or measured
    metric = own_metric or METRICS[measured]
    if metric.targets != data.targets:
        fitting = ", ".join(name for name, one in METRICS.items() if one.targets == data.targets)
        raise InputError(
            f"option metric = {metric.name!r}: compares {metric.targets}, the targets of"
            f" {data.name!r} are {data.targets}; there are {fitting}"
        )
    if metric.unit is None:
        metric = metric._replace(unit=data.unit)
    if own_cost is not None:
        return own_cost, metric
    if cost == "cross_entropy":
        _refuse_without_probabilities(data)
    return COSTS[cost], metric


def _refuse_without_probabilities(data: Dataset) -> None:
    if data.outputs == 1:
        raise InputError(
            "option network.cost = 'cross_entropy': needs an output for every class, the network"
            " has one; take mse"
        )
    if data.targets == "values":
        sums = data.train_y.astype(float).sum(axis=-1)
        if (data.train_y < 0).any() or not np.allclose(sums, 1, atol=1e-3):
            raise InputError(
                f"option network.cost = 'cross_entropy': the targets of {data.name!r} are no"
                " probabilities; take mse"
            )


def refuse_outputs_beside_targets(network: Network, data: Dataset) -> None:
    """Raises InputError if the outputs of a network cannot be held against the targets."""
    x = jax.ShapeDtypeStruct((1, *data.inputs), data.shown_type)
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    outputs = jax.eval_shape(network.apply, theta, x).shape[1:]
    target = data.train_y.shape[1:]
    if data.classes is None:
        fits, needed = int(np.prod(outputs)) == int(np.prod(target)), f"{target}"
    else:
        width = outputs[-1] if outputs else 0
        is_wide_enough = width >= data.classes or (width, data.classes) == (1, 2)
        fits = outputs[:-1] == target and is_wide_enough
        needed = f"{(*target, data.classes)}"
    if not fits:
        raise InputError(
            f"network: gives outputs of shape {outputs} for a sample, {data.name!r} needs {needed}"
        )
