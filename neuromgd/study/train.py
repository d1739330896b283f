"""Training: from a configuration to trained chips and a run folder."""

import time
from pathlib import Path
from typing import Any, NamedTuple

from neuromgd.fleet.engine import Chips
from neuromgd.fleet.processes import telling_of_losses
from neuromgd.options.config import Config
from neuromgd.options.read import checked, with_platform
from neuromgd.plan.plan import NO_PARTS, Parts, Plan, plan
from neuromgd.study.run import Watch, run
from neuromgd.verdict.row import Row
from neuromgd.verdict.summary import summarise


class Run(NamedTuple):
    """A finished run.

    Attributes:
        folder: Where it was written.
        summary: What ``summary.json`` holds.
        history: One row a logged window.
        chips: The trained chips, as their engine holds them; simulated ones are a ``Chip`` along a
            leading axis.
        plan: What was run.
    """

    folder: Path
    summary: dict[str, Any]
    history: list[Row]
    chips: Chips
    plan: Plan


@telling_of_losses()
def train(
    config: Config,
    watch: Watch = lambda row, windows: None,
    parts: Parts = NO_PARTS,
    is_resumed: bool = False,
) -> Run:
    """Trains chips and writes a run folder.

    Args:
        config: What to run.
        watch: Called with every row of the history as it comes, and the length of the run.
        parts: A network, cost function, metric, learning rule or data of your own.
        is_resumed: Whether to go on from the newest checkpoint in the run folder, with the very
            numbers that a run without interruption gives.

    Raises:
        InputError: If the configuration or its data cannot be used.
        DivergedError: If a quantity blows up; what was written before stays.
        LostProcessError: If another of the processes that run together ends before.

    Example:
        >>> run = train(Config(windows=200, chips=2, out="/tmp/neuromgd-example"))
        >>> sorted(run.summary)[:3]
        ['accuracy', 'accuracy_best', 'accuracy_chance']
    """
    start = time.perf_counter()
    config = checked(with_platform(checked(config)))
    todo = plan(config, parts)
    folder, engine, chips = run(config, todo, [], watch, is_resumed)
    summary = summarise(config, todo, engine, folder.rows, chips, time.perf_counter() - start)
    folder.summarise(summary)
    return Run(folder.path, summary, folder.rows, chips, todo)
