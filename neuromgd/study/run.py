"""A run: chips advance by chunks of windows, and between chunks a host looks at them."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from neuromgd.chip.chip import Chip
from neuromgd.data.sample import Sample
from neuromgd.errors import InputError
from neuromgd.fleet.chips import make_chips, placed, shapes_of_chips
from neuromgd.fleet.evaluate import accuracy
from neuromgd.fleet.layout import Layout
from neuromgd.fleet.processes import has_joined, to_host
from neuromgd.fleet.shard import shardings
from neuromgd.fleet.shown import chunk, scale, training_set
from neuromgd.fleet.simulated import advance
from neuromgd.options.config import Config
from neuromgd.plan.clock import clock
from neuromgd.plan.plan import Plan
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.record import RunFolder
from neuromgd.verdict.soundness import (
    RUNAWAY,
    stop_if_diverged,
    warn_of_one_device,
    warn_of_rounding,
    warn_of_steps,
)

Watch = Callable[[dict[str, Any], int], None]


def run(
    config: Config,
    todo: Plan,
    over: list[str],
    watch: Watch,
    is_resumed: bool,
    may_diverge: bool = False,
) -> tuple[RunFolder, Chip]:
    """Advances chips from their first window, or their newest checkpoint, to the last.

    Args:
        config: What is run.
        todo: What is run, prepared.
        over: The axes of a sweep; []: no sweep.
        watch: Called with every row of the history as it comes, and the length of the run.
        is_resumed: Whether to go on from the newest checkpoint in the run folder.
        may_diverge: Whether chips that blow up are let go on.

    Returns:
        Its folder with the history, and the chips.

    Raises:
        InputError: If there is nothing to go on with.
        DivergedError: If a quantity blows up; what was written before stays.
    """
    report = clock(config, todo.layers, todo.tau, todo.windows * todo.tau.update)
    warn_of_steps(config, todo)
    warn_of_one_device(config)
    folder = RunFolder(config, over)
    checkpoints = Checkpoints(folder.path)
    todo, where = placed(config, todo)
    if is_resumed:
        chips = _taken_up(config, todo, where, folder, checkpoints)
    else:
        checkpoints.clear()
        chips = make_chips(config, todo, where)
    try:
        for row, advanced in rows(config, todo, where, chips, folder.rows, may_diverge):
            chips = advanced
            if not folder.rows and not may_diverge:
                warn_of_rounding(config, todo, row)
            seconds, joules = report.at(row["step"]) if report else (None, None)
            row |= {"hardware_seconds": seconds, "hardware_joules": joules}
            folder.add(row)
            checkpoints.add(row["window"], chips, is_last=row["window"] == todo.windows)
            watch(row, todo.windows)
    except BaseException:
        if not has_joined():  # else a checkpoint may wait for a process that is lost
            checkpoints.close()
        raise
    checkpoints.close()
    return folder, _without_spare(chips, config.chips * todo.points, where)


def _taken_up(
    config: Config, todo: Plan, where: Layout, folder: RunFolder, checkpoints: Checkpoints
) -> Chip:
    """Returns the chips of the newest checkpoint, and the history up to there in the folder."""
    first = checkpoints.newest()
    if first >= todo.windows:
        raise InputError(
            f"{folder.path}: has done all its {first} windows; give a longer --windows"
        )
    folder.reopen(first)
    shapes = shapes_of_chips(config, todo, where)
    if config.shard_arrays:
        to = shardings(shapes)
    else:
        apart = where.apart() or jax.sharding.SingleDeviceSharding(jax.devices()[0])
        to = jax.tree.map(lambda leaf: apart, shapes)
    return checkpoints.load(first, shapes, to, config.chips * todo.points, config.generator)


def _without_spare(chips: Chip, members: int, where: Layout) -> Chip:
    if where.mesh is None or where.places(members) == members:
        return chips
    whole = NamedSharding(where.mesh, PartitionSpec())
    cut = jax.jit(
        lambda chips: jax.tree.map(lambda leaf: leaf[:members], chips), out_shardings=whole
    )
    return cut(chips)


def rows(
    config: Config,
    todo: Plan,
    where: Layout,
    chips: Chip,
    before: list[dict[str, Any]],
    may_diverge: bool = False,
) -> Iterator[tuple[dict[str, Any], Chip]]:
    """Advances the chips chunk by chunk.

    Args:
        config: What is run.
        todo: What is run, prepared and placed.
        where: Where the chips run.
        chips: After the rows that are there.
        before: Rows that are there already; empty: the run begins.
        may_diverge: Whether chips that blow up are let go on.

    Yields:
        A row of the history and the chips at that moment.

    Raises:
        DivergedError: If a weight is no longer finite, or a cost a thousand times its first value.
    """
    shown, per_epoch = todo.tau.update // todo.tau.sample, len(todo.data.train_x)
    samples, factor = training_set(todo, where), scale(todo, where)
    test = where.everywhere(Sample(jnp.asarray(todo.data.test_x), jnp.asarray(todo.data.test_y)))
    length = chunk(config, todo)
    engine, members = config.baseline or config.engine, config.chips * todo.points
    ceiling = RUNAWAY * max(before[0]["cost_per_chip"]) if before else np.inf
    score = jax.jit(accuracy, static_argnums=(0, 5, 6))
    for first in range(before[-1]["window"] if before else 0, todo.windows, length):
        last = min(first + length, todo.windows)
        chips, record = advance(
            todo.design, todo.tau, engine, length, todo.params, chips,
            np.int32(first), np.int32(last), samples, factor, todo.varies, where,
        )  # fmt: skip
        right = score(todo.design, todo.params, chips, test, factor, todo.varies, where)
        costs, deltas = (
            to_host(kept)[: last - first, :members] for kept in (record.cost, record.delta_cost)
        )
        if first == 0:
            ceiling = RUNAWAY * float(costs[0].max())
        if not may_diverge:
            stop_if_diverged(chips, costs, last, ceiling)
        cost, right = costs.mean(0, dtype=float), to_host(right)[:members].astype(float)
        yield (
            {
                "window": last,
                "step": last * todo.tau.update,
                "epoch": last * shown / per_epoch,
                "cost": float(cost.mean()),
                "accuracy": float(right.mean()),
                "cost_per_chip": cost.tolist(),
                "accuracy_per_chip": right.tolist(),
                "delta_cost": float(deltas.mean()),
            },
            chips,
        )
