"""Sweeps: chips of several technologies in one compiled program."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd import disk
from neuromgd.data.dataset import Dataset
from neuromgd.data.metrics.metric import Metric
from neuromgd.errors import InputError
from neuromgd.fleet.engines import refuse_engine
from neuromgd.fleet.processes import is_leader, telling_of_losses
from neuromgd.options.config import Config
from neuromgd.options.grid import axes, grid
from neuromgd.options.read import checked, with_platform
from neuromgd.options.told import notes
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import NO_PARTS, Parts, Plan, plan
from neuromgd.study.folder import reserved
from neuromgd.study.run import Watch, run
from neuromgd.verdict.row import Row
from neuromgd.verdict.soundness import ceiling


class Sweep(NamedTuple):
    """A finished sweep.

    Attributes:
        folder: Where it was written.
        axes: Names of what was swept.
        metric: What was measured.
        table: One row a point and chip: the swept values, ``chip``, the metric under its name,
            ``cost`` and whether it ``diverged``.
        points: One row a point: the swept values, mean and standard deviation over the chips that
            did not diverge (None where none, or one, is left).
    """

    folder: Path
    axes: list[str]
    metric: Metric
    table: list[dict[str, Any]]
    points: list[dict[str, Any]]


@telling_of_losses()
def sweep(
    config: Config,
    over: list[str] | Mapping[str, Sequence[int | float]],
    watch: Watch = lambda row, windows: None,
    is_resumed: bool = False,
    parts: Parts = NO_PARTS,
    may_overwrite: bool = False,
) -> Sweep:
    """Trains all chips at every point of a grid at once.

    Args:
        config: What every point has in common.
        over: Name -> values of every axis, with the names of a configuration file; or
            ``name=value,value,…`` for each.
        watch: Called with every row of the history, and the length of the run.
        is_resumed: Whether to go on from the newest checkpoint in the run folder.
        parts: A network, cost function, metric, learning rule or data of your own.
        may_overwrite: Whether a finished run in the run folder may be overwritten.

    Raises:
        InputError: If an axis changes the program, a value is not allowed, or the folder is taken.
        LostProcessError: If another of the processes that run together ends before.

    Example:
        >>> from tempfile import mkdtemp
        >>> done = sweep(Config(task="parity", windows=20, chips=2, out=mkdtemp()),
        ...              {"device.write_noise": [0, 0.1]})
        >>> [row["device.write_noise"] for row in done.points]
        [0.0, 0.1]
    """
    start = time.perf_counter()
    if isinstance(over, Mapping):
        over = [f"{name}={','.join(str(value) for value in over[name])}" for name in over]
    along = axes(over)
    config = checked(with_platform(checked(driven(config, parts.instrument))))
    if config.shard_arrays:
        raise InputError("option shard_arrays: cuts the arrays of one chip, a sweep has many")
    refuse_engine(config, is_sweep=True)
    with reserved(config, is_resumed, may_overwrite) as config:
        points = grid(config, along)
        plan = joined([point for _, point in points], list(along), parts)
        folder, _, _ = run(config, plan, over, watch, is_resumed, may_diverge=True)
        metric = plan.metric.name
        table = _table([values for values, _ in points], config.chips, folder.rows, metric)
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(table), sink)
        with folder.writing():
            if is_leader():
                disk.write(folder.path / "sweep.parquet", sink.getvalue().to_pybytes())
        means = _means(table, list(along), metric)
        summary = {
            "task": config.task, "metric": metric, "over": along, "points": means,
            "notes": notes(config),
            "chips": config.chips, "windows": plan.windows,
            "wall_seconds": time.perf_counter() - start,
            "hardware_seconds": folder.rows[-1].hardware_seconds,
            "hardware_joules": folder.rows[-1].hardware_joules,
        }  # fmt: skip
        folder.summarise(summary)
    return Sweep(folder.path, list(along), plan.metric, table, means)


def joined(
    points: list[Config],
    names: list[str],
    parts: Parts = NO_PARTS,
    loaded: Dataset | None = None,
) -> Plan:
    """Returns one plan for all points: what differs between them has an axis of members.

    Args:
        points: Configurations of the points.
        names: Of what is swept, for the complaint.
        parts: What a library user brings.
        loaded: The data of the task where they are at hand already.

    Raises:
        InputError: If a point needs another program.
    """
    first = plan(points[0], parts, loaded)
    plans = [first, *(plan(point, parts, first.data) for point in points[1:])]
    same = [field.name for field in dataclasses.fields(first.design)]
    # Network and schedule are made anew by every plan; nothing that can be swept is in them.
    same = [name for name in same if name not in ("network", "schedule")]
    for other in plans[1:]:
        changed = [n for n in same if getattr(other.design, n) != getattr(first.design, n)]
        if changed or jax.tree.structure(other.params) != jax.tree.structure(first.params):
            raise InputError(
                f"option over {', '.join(names)}: a value changes the program, not a number in it;"
                " run the two apart"
            )
        if other.report != first.report and _cost(other) != _cost(first):
            raise InputError(
                f"option over {', '.join(names)}: a value changes what the platform takes, and a"
                " sweep is priced once; run the two apart"
            )
    leaves = list(zip(*(jax.tree.leaves(one.params) for one in plans), strict=True))
    varies = tuple(any(not np.array_equal(leaf, own[0]) for leaf in own) for own in leaves)
    chips = points[0].chips
    joint = [
        jnp.repeat(jnp.stack(own), chips, axis=0) if is_own else own[0]
        for own, is_own in zip(leaves, varies, strict=True)
    ]
    params = jax.tree.unflatten(jax.tree.structure(first.params), joint)
    return first._replace(params=params, varies=varies, points=len(points))


def _cost(one: Plan) -> tuple[object, object]:
    """Returns the time and energy of a whole run on the platform."""
    return one.report.at(one.windows * one.tau.update) if one.report else (None, None)


def _table(
    points: list[dict[str, float]], chips: int, history: list[Row], metric: str
) -> list[dict]:
    last, highest = history[-1], ceiling(np.nanmedian(history[0].cost_per_chip))
    members = [(values, chip) for values in points for chip in range(chips)]
    return [
        values | {"chip": chip, metric: score, "cost": cost,
                  "diverged": not (cost < highest and np.isfinite(score))}
        for (values, chip), score, cost in zip(
            members, last.score_per_chip, last.cost_per_chip, strict=True
        )
    ]  # fmt: skip


def _means(table: list[dict], names: list[str], metric: str) -> list[dict]:
    points: dict[tuple, list[dict]] = {}
    for row in table:
        points.setdefault(tuple(row[name] for name in names), []).append(row)
    return [
        dict(zip(names, values, strict=True))
        | {
            metric: _mean([row[metric] for row in chips if not row["diverged"]]),
            f"{metric}_std": _spread([row[metric] for row in chips if not row["diverged"]]),
            "cost": _mean([row["cost"] for row in chips if not row["diverged"]]),
            "diverged": sum(row["diverged"] for row in chips),
        }
        for values, chips in points.items()
    ]


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _spread(values: list[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
