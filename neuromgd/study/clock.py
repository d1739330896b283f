"""Where the numbers meet the clock: what a platform says of the time and energy of a run."""

from typing import Any

from neuromgd.errors import InputError
from neuromgd.study.build import Plan
from neuromgd.study.config import Config
from neuromgd.timing import Report, Workload, load, time_run


def workload(config: Config, todo: Plan) -> dict[str, Any]:
    """Returns what of a run decides its time, as its summary records it."""
    return {
        "layers": todo.layers and list(todo.layers),
        "steps": todo.windows * todo.tau.update,
        "tau_sample": todo.tau.sample,
        "tau_perturbation": todo.tau.perturbation,
        "tau_update": todo.tau.update,
        "broadcast": config.bus.broadcast,
        "pass_order": config.bus.pass_order,
        "schedule": config.bus.schedule,
    }


def clock(config: Config, todo: Plan) -> Report | None:
    """Returns the clock of one chip on the chosen platform, or None without a platform.

    Raises:
        InputError: If the platform cannot time this run.
    """
    if config.platform is None:
        return None
    facts = workload(config, todo)
    if facts["layers"] is None:
        raise InputError(
            "option platform: times networks of dense layers, not a network of your own; leave it"
            " out and price the finished run with neuromgd time --layers"
        )
    schedule = facts.pop("schedule")
    facts["layers"] = tuple(facts["layers"])
    return time_run(load(config.platform), Workload(**facts), schedule)
