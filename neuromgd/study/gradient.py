"""How fast the estimates of chips turn towards the gradient: angle and length against time."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.fleet.engines import name_of, open_engine
from neuromgd.fleet.engines.simulated import Simulated
from neuromgd.fleet.gradient import Followed, Truth, follow, keeping, names, truths, without_rule
from neuromgd.fleet.shown import scale, training_set
from neuromgd.options.config import Config
from neuromgd.options.read import checked, with_platform, write_config
from neuromgd.plan.plan import NO_PARTS, Parts, Plan
from neuromgd.plan.plan import plan as prepare
from neuromgd.study.folder import SUMMARY, clear, reserved
from neuromgd.study.table_file import write_rows
from neuromgd.study.told import as_json
from neuromgd.study.trained import Run
from neuromgd.verdict.estimates import summarise, told_rows, with_all

TABLE = "gradient.parquet"

# What of a trained run the chips are made by: it cannot be another one afterwards.
FIXED = ("task", "bits", "chips", "seed", "generator", "network", "device", "transfer")

# A logged window is that much later than the one before.
_LATER = 1.15


class Gradient(NamedTuple):
    """What was found.

    Attributes:
        folder: Where it was written.
        config: What was run.
        arrays: Names of the arrays, in the order of ``total`` and so on; the last is all of them.
        table: One row a logged window, chip and array.
        summary: What ``summary.json`` holds.
    """

    folder: Path
    config: Config
    arrays: list[str]
    table: list[dict[str, Any]]
    summary: dict[str, Any]


def gradient(
    config: Config,
    parts: Parts = NO_PARTS,
    trained: Run | None = None,
    samples: int | None = None,
    within: float = 15.0,
    watch: Callable[[int, int, float], None] = lambda window, windows, angle: None,
    may_overwrite: bool = False,
) -> Gradient:
    """Follows the estimates Ĝ of chips that do not learn, beside the true gradient of their cost.

    Args:
        config: What is run; its windows are how long it is followed.
        parts: A network, cost function, code, mode or data of your own.
        trained: A run whose cells the chips have; None: they are fresh.
        samples: Training samples that cost and estimates are of; None: all.
        within: Angle whose first timestep is told [°].
        watch: Called with window, number of windows and mean angle [°] at every logged window.
        may_overwrite: Whether a finished run in the folder may be overwritten.

    Raises:
        InputError: If the options do not fit each other or the trained run, the chips are not
            simulated, or the cost has no slope.

    Example:
        >>> from tempfile import mkdtemp
        >>> found = gradient(Config(task="parity", windows=8, chips=2, out=mkdtemp()))
        >>> found.arrays
        ['Dense_0', 'Dense_1', 'all']
    """
    start = time.perf_counter()
    config = checked(with_platform(checked(config)))
    refuse(config, trained)
    with reserved(config, may_overwrite=may_overwrite) as config:
        whole = prepare(config, parts)
        fewer = whole if samples is None else some(whole, samples)
        engine = open_engine(config, whole)
        assert isinstance(engine, Simulated)
        plan, where = engine.plan, engine.where
        chips = engine.make()
        if trained is not None:
            chips = chips.replace(cells=trained.chips.cells, slow=trained.chips.slow)
            if chips.centre is not None and trained.chips.centre is not None:
                chips = chips.replace(centre=trained.chips.centre)
        shown, factor = training_set(fewer, where), scale(fewer, where)
        design, params = keeping(plan.design), without_rule(plan.params)
        truth = truths(design, plan.tau, params, chips, shown, factor, plan.varies, where)
        refuse_flat(truth)
        nothing = jax.tree.map(jnp.zeros_like, truth.gradient)
        followed = Followed(
            chip=chips.replace(rule_state=nothing), truth=truth.gradient, total=nothing,
            power=jnp.zeros_like(truth.square),
        )  # fmt: skip
        arrays = [*names(truth.gradient), "all"]
        square, table, last = with_all(truth.square)[: config.chips], [], 0
        for window in logged(plan.windows):
            followed, seen = follow(
                design, plan.tau, engine.window, params, followed, np.int32(last),
                np.int32(window), shown, factor, plan.varies, where,
            )  # fmt: skip
            last = window
            told = [with_all(one)[: config.chips] for one in (seen.along, seen.square, seen.power)]
            rows = told_rows(plan, arrays, window, square, *told)
            table += rows
            angles = [row["angle"] for row in rows if row["array"] == "all"]
            watch(window, plan.windows, float(np.mean(angles)))
        summary = summarise(config, plan, arrays, table, truth, within)
        summary |= {
            "samples": len(shown.y),
            "trained": None if trained is None else str(trained.folder),
            "wall_seconds": time.perf_counter() - start,
        }
        folder = Path(str(config.out))
        write(folder, config, table, summary)
    return Gradient(folder, config, arrays, table, summary)


def refuse(config: Config, trained: Run | None) -> None:
    """Raises InputError if the estimates of these chips cannot be followed."""
    if name_of(config) not in ("window", "step"):
        raise InputError(f"option engine = {name_of(config)!r}: no estimate of it can be followed")
    if config.tracking.period is not None:
        raise InputError("option tracking.period: while estimates are followed all stands still")
    if config.stop_at is not None:
        raise InputError("option stop_at: nothing learns here that could reach it")
    if config.shard_arrays:
        raise InputError("option shard_arrays: no estimate of cut arrays can be followed")
    if trained is None:
        return
    for name in FIXED:
        now, then = getattr(config, name), getattr(trained.config, name)
        if now != then:
            raise InputError(f"option {name}: the chips of {trained.folder} were made by another")


def refuse_flat(truth: Truth) -> None:
    """Raises InputError if there is nothing to hold an estimate against."""
    square = np.asarray(truth.square).sum(-1)
    if not np.isfinite(square).all():
        raise InputError("gradient: the true gradient is not finite")
    if (square == 0).any():
        raise InputError(
            "gradient: the cost has no slope anywhere (hard thresholds, or cells at rest that no"
            " signal passes); an estimate has nothing to be held against"
        )


def some(plan: Plan, samples: int) -> Plan:
    """Returns the plan with fewer training samples, drawn once and for all."""
    data = plan.data
    if samples > len(data.train_x):
        raise InputError(f"option samples = {samples}: there are {len(data.train_x)}")
    # Data sets may be sorted by class.
    which = np.sort(np.random.RandomState(0).permutation(len(data.train_x))[:samples])
    fewer = dataclasses.replace(data, train_x=data.train_x[which], train_y=data.train_y[which])
    return plan._replace(data=fewer)


def logged(windows: int) -> list[int]:
    """Returns the windows after which is looked: every one at first, then ever fewer."""
    found, next_one = [], 1.0
    while next_one < windows:
        found.append(int(next_one))
        next_one = max(next_one * _LATER, int(next_one) + 1)
    return [*found, windows]


def write(folder: Path, config: Config, table: list[dict[str, Any]], summary: dict) -> None:
    """Writes what was found into a run folder."""
    clear(folder)
    write_config(folder, config)
    write_rows(folder / TABLE, table)
    disk.write(folder / SUMMARY, as_json(summary))
