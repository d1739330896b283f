"""Training: chips advance by chunks of windows, and between chunks a host looks at them."""

import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.chip.chip import Chip
from neuromgd.data.sample import Sample
from neuromgd.errors import InputError
from neuromgd.randomness import root_key
from neuromgd.study.build import NO_PARTS, Parts, Plan, plan
from neuromgd.study.calibrate import calibrated
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.clock import clock
from neuromgd.study.config import Config
from neuromgd.study.configure import checked, with_platform
from neuromgd.study.ensemble import advance, fabricate_all
from neuromgd.study.evaluate import accuracy
from neuromgd.study.members import members_at_once
from neuromgd.study.record import RunFolder
from neuromgd.study.shard import fabricate_sharded, sharded
from neuromgd.study.soundness import RUNAWAY, stop_if_diverged, warn_of_rounding, warn_of_steps
from neuromgd.study.summary import summarise

Watch = Callable[[dict[str, Any], int], None]


class Run(NamedTuple):
    """A finished run.

    Attributes:
        folder: Where it was written.
        summary: What ``summary.json`` holds.
        history: One row a logged window.
        chips: The trained chips, along a leading axis.
        plan: What was run.
    """

    folder: Path
    summary: dict[str, Any]
    history: list[dict[str, Any]]
    chips: Chip
    plan: Plan


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
        parts: A network, cost function, learning rule or data of your own.
        is_resumed: Whether to go on from the newest checkpoint in the run folder, with the very
            numbers that a run without interruption gives.

    Raises:
        InputError: If the configuration or its data cannot be used.
        DivergedError: If a quantity blows up; what was written before stays.

    Example:
        >>> run = train(Config(windows=200, chips=2, out="/tmp/neuromgd-example"))
        >>> sorted(run.summary)[:3]
        ['accuracy', 'accuracy_per_chip', 'accuracy_std']
    """
    start = time.perf_counter()
    config = checked(with_platform(checked(config)))
    todo = plan(config, parts)
    steps = todo.windows * todo.tau.update
    report = clock(config, todo.layers, todo.tau, steps)
    warn_of_steps(config, todo)
    folder = RunFolder(config)
    checkpoints = Checkpoints(folder.path)
    if is_resumed:
        first = checkpoints.newest()
        if first >= todo.windows:
            raise InputError(
                f"{folder.path}: has done all its {first} windows; give a longer --windows"
            )
        folder.reopen(first)
        like = jax.eval_shape(partial(make_chips, config, todo))
        chips = checkpoints.load(first, like, config.generator)
        chips = sharded(chips) if config.shard_arrays else chips
    else:
        checkpoints.clear()
        chips = make_chips(config, todo)
    try:
        for row, advanced in rows(config, todo, chips, folder.rows):
            chips = advanced
            if not folder.rows:
                warn_of_rounding(config, todo, row)
            seconds, joules = report.at(row["step"]) if report else (None, None)
            row |= {"hardware_seconds": seconds, "hardware_joules": joules}
            folder.add(row)
            checkpoints.add(row["window"], chips, is_last=row["window"] == todo.windows)
            watch(row, todo.windows)
    finally:
        checkpoints.close()
    summary = summarise(config, todo, folder.rows, chips, time.perf_counter() - start)
    folder.summarise(summary)
    return Run(folder.path, summary, folder.rows, chips, todo)


def make_chips(config: Config, todo: Plan) -> Chip:
    """Fabricates and calibrates the chips of a run, along a leading axis."""
    # A chip is the same at every point of a sweep but for what is swept.
    numbers = jnp.tile(jnp.arange(config.chips), todo.points)
    # One program, not ten small ones.
    keys = jax.jit(jax.vmap(lambda number: root_key(config.seed, number, config.generator)))(
        numbers
    )
    if config.shard_arrays:
        chips = fabricate_sharded(todo.design, todo.params, keys)
    else:
        chips = fabricate_all(todo.design, todo.params, keys, todo.varies)
    return calibrated(
        todo.design, todo.tau, todo.params, chips, training_set(todo), scale(todo),
        todo.varies, at_once(config, todo),
    )  # fmt: skip


def at_once(config: Config, todo: Plan) -> int:
    """Returns how many chips run side by side."""
    theta = jax.eval_shape(todo.design.network.initialise, jax.random.key(0))
    synapses = sum(math.prod(array.shape) for array in jax.tree.leaves(theta))
    return members_at_once(synapses, config.memory and 1e9 * config.memory)


def training_set(todo: Plan) -> Sample:
    """Returns the training set on the accelerator, as stored."""
    return Sample(jnp.asarray(todo.data.train_x), jnp.asarray(todo.data.train_y))


def scale(todo: Plan) -> jax.Array:
    """Returns () what a stored input is multiplied by."""
    return jnp.asarray(todo.data.scale, jnp.float32)


def rows(
    config: Config,
    todo: Plan,
    chips: Chip,
    before: list[dict[str, Any]],
    may_diverge: bool = False,
):
    """Advances the chips chunk by chunk.

    Args:
        config: What is run.
        todo: What is run, prepared.
        chips: After the rows that are there.
        before: Rows that are there already; empty: the run begins.
        may_diverge: Whether chips that blow up are let go on.

    Yields:
        A row of the history and the chips at that moment.

    Raises:
        DivergedError: If a weight is no longer finite, or a cost a thousand times its first value.
    """
    shown = todo.tau.update // todo.tau.sample
    samples, per_epoch = training_set(todo), len(todo.data.train_x)
    test = Sample(jnp.asarray(todo.data.test_x), jnp.asarray(todo.data.test_y))
    chunk = min(config.log_every or -(-todo.windows // 100), todo.windows)
    engine, ceiling, start = config.baseline or config.engine, np.inf, 0
    if before:
        start, ceiling = before[-1]["window"], RUNAWAY * max(before[0]["cost_per_chip"])
    score, together = jax.jit(accuracy, static_argnums=(0, 5, 6)), at_once(config, todo)
    for first in range(start, todo.windows, chunk):
        last = min(first + chunk, todo.windows)
        chips, record = advance(
            todo.design, todo.tau, engine, chunk, todo.params, chips,
            jnp.asarray(first, jnp.int32), jnp.asarray(last, jnp.int32), samples, scale(todo),
            todo.varies, together,
        )  # fmt: skip
        if first == 0:
            ceiling = RUNAWAY * float(record.cost[0].max())
        if not may_diverge:
            stop_if_diverged(chips, record, last, ceiling)
        cost = np.asarray(record.cost)[: last - first].mean(0, dtype=float)
        right = np.asarray(
            score(todo.design, todo.params, chips, test, scale(todo), todo.varies, together), float
        )
        yield (
            {
                "window": last,
                "step": last * todo.tau.update,
                "epoch": last * shown / per_epoch,
                "cost": float(cost.mean()),
                "accuracy": float(right.mean()),
                "cost_per_chip": cost.tolist(),
                "accuracy_per_chip": right.tolist(),
                "delta_cost": float(np.asarray(record.delta_cost)[: last - first].mean()),
            },
            chips,
        )
