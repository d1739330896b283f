"""Sweeps: chips of several technologies, those that share a program side by side."""

import shutil
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from neuromgd.data.metrics.metric import Metric
from neuromgd.errors import DamageWarning, InputError
from neuromgd.fleet.engines import refuse_engine
from neuromgd.fleet.memory import telling_of_memory
from neuromgd.fleet.processes import agreed, is_leader, meet, telling_of_losses
from neuromgd.options.axes import Value, as_text, axes
from neuromgd.options.config import Config
from neuromgd.options.grid import Design, LeftOut, Point, points, to_text
from neuromgd.options.told import notes
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import NO_PARTS, Parts, Plan
from neuromgd.study.ensemble import in_folder, is_begun, joined
from neuromgd.study.folder import SUMMARY, empty, reserved
from neuromgd.study.lock import MARK, is_marked
from neuromgd.study.planned import planned
from neuromgd.study.portions import Portion, portioned
from neuromgd.study.probed import probed_points, to_table
from neuromgd.study.record import RunFolder
from neuromgd.study.run import Watch, run
from neuromgd.study.swept import cell, points_of, rows_of, schema
from neuromgd.study.table_file import read_rows, write_rows
from neuromgd.study.told import read_summary

TABLE = "sweep.parquet"
# In the folder of a group, in place of the axes.
PART = 'part = "of the sweep in the folder above"\n'


class Group(NamedTuple):
    """Points that share a program.

    Attributes:
        number: Of the group, from 1.
        of: How many groups there are.
        points: In this one.
        share_before: Of the work of the whole sweep, that of the groups before it.
        share: Of the work, that of this group.
        notes: What its points take that nobody asked for.
    """

    number: int
    of: int
    points: int
    share_before: float
    share: float
    notes: list[str]


class Sweep(NamedTuple):
    """A finished sweep.

    Attributes:
        folder: Where it was written.
        axes: Names of what was swept.
        metric: What was measured.
        table: One row a point and chip: the swept values, ``chip``, the metric under its name,
            ``cost``, whether it ``diverged`` and the ``reason``, ``hardware_seconds`` [s],
            ``hardware_joules`` [J], ``writes_per_cell`` and the ``diagnosis`` of its point.
        points: One row a point: the swept values, mean, standard deviation and 95 % interval of the
            mean over the chips that did not diverge (None where none, or one, is left); with a
            target, its yield with the interval.
        chance: What the best answer that is always the same reaches.
        design: Its axes, and the target.
        left_out: Points with a sheet that cannot be run.
    """

    folder: Path
    axes: list[str]
    metric: Metric
    table: list[dict[str, Any]]
    points: list[dict[str, Any]]
    chance: float
    design: Design
    left_out: list[LeftOut]


@telling_of_losses()
@telling_of_memory()
def sweep(
    config: Config,
    over: Design | Sequence[str] | Mapping[str, Sequence[Value]],
    watch: Watch = lambda row, windows: None,
    is_resumed: bool = False,
    parts: Parts = NO_PARTS,
    may_overwrite: bool = False,
    begin: Callable[[Group], None] = lambda group: None,
    first_chip: int | None = None,
    probe: bool = True,
) -> Sweep:
    """Trains all chips at every point of a grid, or of a design within it.

    Points that differ by numbers run side by side in one program, the others one after the other.

    Args:
        config: What every point has in common; it need not be runnable by itself.
        over: Name -> values of every axis, with the names of a configuration file; or
            ``name=value,value,…`` for each; or a design.
        watch: Called with every row of the history, and the length of the run.
        is_resumed: Whether to go on from the newest checkpoints in the run folder.
        parts: A network, cost function, metric, learning rule or data of your own.
        may_overwrite: Whether a finished run in the run folder may be overwritten.
        begin: Called with every group of points before it runs.
        first_chip: Number of the first chip of the first point, where every point is to have chips
            of its own; None: all points have the same chips, but for what is swept.
        probe: Whether a network or rule of your own that is given no rate gets one from a probe of
            each point, see ``train``.

    Raises:
        InputError: If a value is not allowed, or the folder is taken.
        LostProcessError: If another of the processes that run together ends before.

    Example:
        >>> from tempfile import mkdtemp
        >>> done = sweep(Config(task="parity", windows=20, chips=2, out=mkdtemp()),
        ...              {"device.write_noise": [0, 0.1]})
        >>> [row["device.write_noise"] for row in done.points]
        [0.0, 0.1]
    """
    start = time.perf_counter()
    design = over if isinstance(over, Design) else Design(over=_texts(over))
    names = [name for axis in axes(design.over) for name in axis.names]
    config = driven(config, parts.instrument)
    if config.shard_arrays:
        raise InputError("option shard_arrays: cuts the arrays of one chip, a sweep has many")
    if config.stop_at is not None:
        raise InputError("option stop_at: ends one run; the points of a sweep have one length")
    refuse_engine(config, is_sweep=True)
    with reserved(config, is_resumed, may_overwrite) as config:
        todo, left_out = points(config, design)
        todo, found = probed_points(todo, parts, Path(str(config.out)), is_resumed, probe)
        has_set = any(axis.is_set for axis in axes(design.over))
        todo, plans, unplanned = planned(todo, parts, has_set)
        left_out += unplanned
        metric = _one_metric(plans)
        done = _Run(
            config, to_text(design, config) + to_table(found), todo, plans, first_chip, is_resumed
        )
        table = done.advanced(watch, begin, is_resumed)
        means = points_of(table, names, metric, design.target)
        _write(done.top, table, schema(names, metric.name))
        one = lambda key: means[0][key] if len({point[key] for point in means}) == 1 else None
        summary = {
            "task": config.task, "metric": metric.name, "over": design.over, "points": means,
            "design": design.kind, "target": design.target, "chance": _chance(plans),
            "left_out": [{**dict(_cells(left.values)), "reason": left.reason} for left in left_out],
            "notes": list(dict.fromkeys(note for point in todo for note in notes(point.config))),
            "probed": found, "chips": config.chips,
            "windows": max(plan.windows for plan in plans),
            "groups": len(done.groups), "wall_seconds": time.perf_counter() - start,
            "hardware_seconds": one("hardware_seconds"), "hardware_joules": one("hardware_joules"),
        }  # fmt: skip
        done.top.summarise(summary)
    return Sweep(done.folder, names, metric, table, means, _chance(plans), design, left_out)


class _Run:
    """The groups of one sweep: where each is written, and what is there already."""

    def __init__(
        self,
        config: Config,
        text: str,
        todo: list[Point],
        plans: list[Plan],
        first_chip: int | None,
        is_resumed: bool,
    ):
        self.folder, self.todo, self.plans = Path(str(config.out)), todo, plans
        self.portions, told = portioned(self.folder, todo, plans, is_resumed)
        self.groups = [portion.points for portion in self.portions]
        self.text = text + told
        self.first_chip = first_chip
        self.top: RunFolder

    def advanced(
        self, watch: Watch, begin: Callable[[Group], None], is_resumed: bool
    ) -> list[dict[str, Any]]:
        """Runs what is not there yet, and returns the rows of all chips in the order of points."""
        found: dict[int, list[dict[str, Any]]] = {}
        metric, is_one = self.plans[0].metric, len(self.groups) == 1
        if not is_one:
            first = in_folder(self.todo[0].config, self.folder)
            self.top = RunFolder(first, self.text, metric)
            if is_resumed and self._has_all() and self._is_told():
                raise InputError(f"{self.folder}: all its groups are done")
            if is_resumed:
                self.top.renew()
            else:
                self._clear()
                self.top.begin()
        elif is_resumed and (self.folder / SUMMARY).exists():
            self._is_done(self.folder, self.groups[0])
        work = [self._work(group) for group in self.groups]
        for number, (group, folder) in enumerate(zip(self.groups, self._folders(), strict=True)):
            before, own = sum(work[:number]) / sum(work), work[number] / sum(work)
            told = dict.fromkeys(note for i in group for note in notes(self.todo[i].config))
            begin(Group(number + 1, len(self.groups), len(group), before, own, list(told)))
            chips = self.todo[group[0]].config.chips
            if not is_one and is_resumed and agreed(self._is_done(folder, group)):
                rows = read_rows(folder / TABLE)
            else:
                rows = self._run(self.portions[number], folder, watch, is_resumed)
            for place, point in enumerate(group):
                found[point] = rows[place * chips : (place + 1) * chips]
        return [row for point in range(len(self.todo)) for row in found[point]]

    def _run(
        self, portion: Portion, folder: Path, watch: Watch, is_resumed: bool
    ) -> list[dict[str, Any]]:
        group, varies = portion
        some, plans = [self.todo[i] for i in group], [self.plans[i] for i in group]
        chips, first = some[0].config.chips, ()
        if self.first_chip is not None:
            first = tuple(self.first_chip + i * chips for i in group)
        config = in_folder(some[0].config, folder)
        # What was killed before its first checkpoint begins anew.
        goes_on = is_resumed and bool(agreed(is_begun(folder)))
        text = self.text if len(self.groups) == 1 else PART
        plan = joined(plans, chips, first, varies)
        differs = [str(_cells(one.values)) for one in some]
        with reserved(config, goes_on, may_overwrite=True) as config:
            ran = run(config, plan, differs, watch, goes_on, may_diverge=True, sweep=text)
            rows = rows_of(some, plans, ran.folder.rows, ran.chips, ran.stopped)
            if len(self.groups) == 1:
                self.top = ran.folder
            else:
                _write(ran.folder, rows, schema(list(some[0].values), plan.metric.name))
                told = {"windows": plan.windows, "points": len(group), "chips": chips}
                ran.folder.summarise(told)
        return rows

    def _folders(self) -> list[Path]:
        if len(self.groups) == 1:
            return [self.folder]
        width = len(str(len(self.groups)))
        return [self.folder / f"group-{n + 1:0{width}}" for n in range(len(self.groups))]

    def _has_all(self) -> bool:
        """Tells whether there is nothing left to do."""
        every = zip(self._folders(), self.groups, strict=True)
        return (self.folder / SUMMARY).exists() and all(self._is_done(*one) for one in every)

    def _is_told(self) -> bool:
        """Tells whether what all groups came to stands as it was written."""
        try:
            read_summary(self.folder / SUMMARY)
            read_rows(self.folder / TABLE)
        except InputError as error:
            warnings.warn(f"{error}; made again from the groups", DamageWarning, stacklevel=2)
            return False
        return True

    def _is_done(self, folder: Path, group: list[int]) -> bool:
        """Tells whether a group is done, to the length that is wanted now.

        What it came to is made again from its checkpoint where it is damaged.
        """
        if not (folder / SUMMARY).exists() or not (folder / TABLE).exists():
            return False
        try:
            told, rows = read_summary(folder / SUMMARY), read_rows(folder / TABLE)
            if len(rows) != len(group) * self.todo[group[0]].config.chips:
                raise InputError(f"{folder / TABLE}: not the table of this group")
        except InputError as error:
            warnings.warn(f"{error}; made again from the checkpoint", DamageWarning, stacklevel=2)
            if is_leader():
                (folder / SUMMARY).unlink(missing_ok=True)
            return False
        return told["windows"] >= self.plans[group[0]].windows

    def _clear(self) -> None:
        """Takes away the groups of an earlier sweep."""
        if is_leader():
            for old in self.folder.glob("group-*"):
                if not is_marked(old) or old.is_symlink():
                    continue
                empty(old)
                # Files of the user stay, and their folder.
                if [one.name for one in old.iterdir()] == [MARK]:
                    shutil.rmtree(old, ignore_errors=True)
        meet("the groups of an earlier sweep are gone")

    def _work(self, group: list[int]) -> int:
        plan = self.plans[group[0]]
        return len(group) * self.todo[group[0]].config.chips * plan.windows * plan.tau.update


def _texts(over: Sequence[str] | Mapping[str, Sequence[Value]]) -> list[str]:
    return as_text(over) if isinstance(over, Mapping) else list(over)


def _cells(values: dict[str, Value]) -> list[tuple[str, Value]]:
    return [(name, cell(value)) for name, value in values.items()]


def _one_metric(plans: list[Plan]) -> Metric:
    metrics = {plan.metric.name: plan.metric for plan in plans}
    if len(metrics) > 1:
        raise InputError(
            f"option over: its points are measured by {' and by '.join(metrics)}; a table has one"
        )
    return plans[0].metric


def _chance(plans: list[Plan]) -> float:
    return plans[0].metric.chance(plans[0].data.test_y)


def _write(folder: RunFolder, table: list[dict[str, Any]], columns: pa.Schema) -> None:
    with folder.writing():
        if is_leader():
            write_rows(folder.path / TABLE, table, columns)
