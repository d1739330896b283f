"""A run: chips advance by chunks of windows, and between chunks a host looks at them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from neuromgd.errors import InputError
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.fleet.engines import open_engine
from neuromgd.fleet.processes import has_joined
from neuromgd.fleet.shown import chunk
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.folder import SUMMARY
from neuromgd.study.record import RunFolder
from neuromgd.verdict.row import Row
from neuromgd.verdict.soundness import (
    ceiling,
    stop_if_diverged,
    warn_of_one_device,
    warn_of_rounding,
    warn_of_steps,
)

Watch = Callable[[Row, int], None]


class Ran(NamedTuple):
    """What is left when a run is over.

    Attributes:
        folder: Its folder with the history.
        engine: What advanced the chips.
        chips: They, without spare places.
    """

    folder: RunFolder
    engine: Engine
    chips: Chips


def run(
    config: Config,
    plan: Plan,
    over: list[str],
    watch: Watch,
    is_resumed: bool,
    may_diverge: bool = False,
) -> Ran:
    """Advances chips from their first window, or their newest checkpoint, to the last.

    Args:
        config: What is run.
        plan: What is run, prepared.
        over: The axes of a sweep; []: no sweep.
        watch: Called with every row of the history as it comes, and the length of the run.
        is_resumed: Whether to go on from the newest checkpoint in the run folder.
        may_diverge: Whether chips that blow up are let go on.

    Raises:
        InputError: If there is nothing to go on with, or the engine cannot do what is asked.
        DivergedError: If a quantity blows up; what was written before stays.
    """
    engine = open_engine(config, plan)
    warn_of_steps(engine)
    warn_of_one_device(config)
    folder = RunFolder(config, over, plan.metric, is_resumed)
    checkpoints = Checkpoints(folder.path)
    chips = _taken_up(engine, plan, folder, checkpoints) if is_resumed else engine.make()
    try:
        for row, advanced in rows(engine, config, plan, chips, folder.rows, may_diverge):
            chips = advanced
            if not folder.rows and not may_diverge:
                warn_of_rounding(engine, config, plan, row)
            seconds, joules = plan.report.at(row.step) if plan.report else (None, None)
            row = row._replace(hardware_seconds=seconds, hardware_joules=joules)
            folder.add(row)
            checkpoints.add(engine, row.window, chips, is_last=row.window == plan.windows)
            watch(row, plan.windows)
    except BaseException:
        if not has_joined():  # else a checkpoint may wait for a process that is lost
            checkpoints.close()
        raise
    checkpoints.close()
    return Ran(folder, engine, engine.finished(chips))


def _taken_up(engine: Engine, plan: Plan, folder: RunFolder, checkpoints: Checkpoints) -> Chips:
    """Returns the chips of the newest checkpoint, and the history up to there in the folder."""
    first, is_told = checkpoints.newest(), (folder.path / SUMMARY).exists()
    # A run that ended before its summary was written goes on with that.
    if first > plan.windows or (first == plan.windows and is_told):
        raise InputError(
            f"{folder.path}: has done all its {first} windows; give a longer --windows"
        )
    folder.reopen(first)
    return checkpoints.load(engine, first)


def rows(
    engine: Engine,
    config: Config,
    plan: Plan,
    chips: Chips,
    before: list[Row],
    may_diverge: bool = False,
) -> Iterator[tuple[Row, Chips]]:
    """Advances the chips chunk by chunk.

    Args:
        engine: What advances them.
        config: What is run.
        plan: What is run, prepared.
        chips: After the rows that are there.
        before: Rows that are there already; empty: the run begins.
        may_diverge: Whether chips that blow up are let go on.

    Yields:
        A row of the history and the chips at that moment.

    Raises:
        DivergedError: If a weight is no longer finite, or a cost a thousand times its first value.
    """
    shown, per_epoch = plan.tau.update // plan.tau.sample, len(plan.data.train_x)
    length = chunk(config, plan)
    highest = ceiling(np.asarray(before[0].cost_per_chip)) if before else np.inf
    for first in range(before[-1].window if before else 0, plan.windows, length):
        last = min(first + length, plan.windows)
        chips, record = engine.advance(chips, first, last)
        scores, costs = engine.score(chips).astype(float), np.asarray(record.cost)
        if first == 0:
            highest = ceiling(costs[0])
        if not may_diverge:
            stop_if_diverged(engine.weights(chips), costs, last, highest)
        cost = costs.mean(0, dtype=float)
        row = Row(
            window=last,
            step=last * plan.tau.update,
            epoch=last * shown / per_epoch,
            cost=float(cost.mean()),
            score=float(scores.mean()),
            cost_per_chip=cost.tolist(),
            score_per_chip=scores.tolist(),
            delta_cost=float(np.mean(record.delta_cost)),
        )
        yield row, chips
