"""A run: chips advance piece by piece, and between pieces a host looks at them."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from neuromgd.chip.record import Record
from neuromgd.errors import (
    DivergedError,
    InputError,
    OtherLengthWarning,
    OtherVersionWarning,
    StoppedChipWarning,
    StoppedError,
)
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.fleet.engines import open_engine
from neuromgd.fleet.processes import agreed
from neuromgd.fleet.shown import between_rows
from neuromgd.options.config import Config
from neuromgd.options.read import FILE
from neuromgd.plan.plan import Plan
from neuromgd.plan.schedules import OVER_ITS_LENGTH
from neuromgd.stamp import refuse_changed
from neuromgd.study.checkpoint import Checkpoints, Kept, restored
from neuromgd.study.folder import SUMMARY
from neuromgd.study.identity import identity, other_versions, refuse_another
from neuromgd.study.means import BLOCK, Means, none_yet, of_arrays
from neuromgd.study.pace import Pace
from neuromgd.study.record import RunFolder
from neuromgd.study.stopping import stopping
from neuromgd.study.told import read_summary
from neuromgd.verdict.row import Row
from neuromgd.verdict.soundness import (
    ceiling,
    warn_of_one_device,
    warn_of_rounding,
    warn_of_steps,
)
from neuromgd.verdict.stopped import Limits, Stopped, first_limits, newly_stopped

Watch = Callable[[Row, int], None]

# Arrays of the limits, beside the chips of a checkpoint.
_IN_A_ROW = ("heavy", "worse", "ended")


class Ran(NamedTuple):
    """What is left when a run is over.

    Attributes:
        folder: Its folder with the history.
        engine: What advanced the chips.
        chips: They, without spare places.
        stopped: Those of them whose numbers could not be gone on with.
    """

    folder: RunFolder
    engine: Engine
    chips: Chips
    stopped: tuple[Stopped, ...] = ()


class Reached(NamedTuple):
    """Where a run is.

    Attributes:
        chips: After so many windows.
        window: How many they have done.
        limits: What chips that learn stay below.
        means: What was recorded since the last row.
        stopped: Chips that are stopped.
        row: The row that ends here; None: there is none.
    """

    chips: Chips
    window: int
    limits: Limits
    means: Means
    stopped: tuple[Stopped, ...] = ()
    row: Row | None = None


def run(
    config: Config,
    plan: Plan,
    over: list[str],
    watch: Watch,
    is_resumed: bool,
    may_diverge: bool = False,
    sweep: str = "",
) -> Ran:
    """Advances chips from their first window, or their newest checkpoint, to the last.

    Args:
        config: What is run.
        plan: What is run, prepared.
        over: What differs between the chips of a sweep; []: no sweep.
        watch: Called with every row of the history as it comes, and the length of the run.
        is_resumed: Whether to go on from the newest checkpoint in the run folder.
        may_diverge: Whether chips that blow up are let go on; they are told of at the end.
        sweep: What the folder of a sweep keeps of it.

    Raises:
        InputError: If there is nothing to go on with, or the engine cannot do what is asked.
        StoppedError: If a signal ends it; a checkpoint is written.
        StorageError: If the folder takes no more; what was written before stays.
        DivergedError: If a quantity blows up; what was written before stays.
    """
    engine, told = open_engine(config, plan), identity(config, plan, over)
    warn_of_steps(engine)
    warn_of_one_device(config)
    folder = RunFolder(config, sweep, plan.metric)
    checkpoints = Checkpoints(folder.path)
    if is_resumed:
        at = _taken_up(engine, config, plan, folder, checkpoints, told)
    else:
        folder.begin()
        chips = engine.make()
        at = Reached(chips, 0, first_limits(engine, chips), none_yet(engine.members))
    is_there = folder.last is not None and has_reached(config, plan, folder.last)
    with stopping() as asked:
        start, before = at, folder.last.window if folder.last else 0
        left = () if is_there else pieces(engine, config, plan, start, before, may_diverge)
        for at in left:
            if at.row is not None:
                if folder.last is None and not may_diverge:
                    warn_of_rounding(engine, config, plan, at.row)
                seconds, joules = plan.report.at(at.row.step) if plan.report else (None, None)
                row = at.row._replace(hardware_seconds=seconds, hardware_joules=joules)
                folder.add(row)
                watch(row, plan.windows)
                is_there = has_reached(config, plan, row)
            signal, is_over = agreed(asked.signal), is_there or at.window == plan.windows
            if agreed(int(signal or is_over or checkpoints.is_due())):
                _keep(engine, folder, checkpoints, at, told, plan.windows)
            if signal and not is_over:
                _stop(plan, folder, at, signal)
            if is_there:
                break
    folder.settle()
    return Ran(folder, engine, engine.finished(at.chips), at.stopped)


def has_reached(config: Config, plan: Plan, row: Row) -> bool:
    """Tells whether a run is where it is to stop."""
    wanted = config.stop_at
    if wanted is None:
        return False
    return row.score >= wanted if plan.metric.is_higher_better else row.score <= wanted


def _keep(
    engine: Engine,
    folder: RunFolder,
    checkpoints: Checkpoints,
    at: Reached,
    told: dict[str, Any],
    length: int,
) -> None:
    with folder.writing():
        beside = {"identity": told, "history": folder.told(), "highest": at.limits.cost,
                  "heaviest": at.limits.weight, "stopped": at.stopped,
                  "length": length}  # fmt: skip
        arrays = at.means.as_arrays() | {name: getattr(at.limits, name) for name in _IN_A_ROW}
        checkpoints.add(engine, at.window, at.chips, beside, arrays)


def _stop(plan: Plan, folder: RunFolder, at: Reached, signal: int) -> None:
    """Raises StoppedError, after telling what the run came to."""
    folder.settle()
    last = folder.last._asdict() if folder.last else {}
    name = plan.metric.name
    folder.summarise(
        {
            "is_finished": False, "signal": signal, "window": at.window, "windows": plan.windows,
            "last_row": {key.replace("score", name): value for key, value in last.items()},
        },
        is_finished=False,
    )  # fmt: skip
    raise StoppedError(signal)


def _taken_up(
    engine: Engine,
    config: Config,
    plan: Plan,
    folder: RunFolder,
    checkpoints: Checkpoints,
    told: dict[str, Any],
) -> Reached:
    """Returns where the newest checkpoint was, and takes up the history to there."""
    kept, is_told = checkpoints.read(), (folder.path / SUMMARY).exists()
    refuse_another(kept.told["identity"], told, str(folder.path))
    refuse_changed(folder.path / FILE)
    # A run that ended before its summary was written goes on with that.
    if kept.window > plan.windows or (kept.window == plan.windows and is_told):
        raise InputError(
            f"{folder.path}: has done all its {kept.window} windows; give a longer --windows"
        )
    if is_told and (read_summary(folder.path / SUMMARY).get("stop") or {}).get("is_reached"):
        raise InputError(f"{folder.path}: has reached what it was to stop at (--stop-at)")
    at = _reached(engine, kept, folder.path)
    length = kept.told.get("length", plan.windows)
    if length != plan.windows and config.learning.schedule in OVER_ITS_LENGTH:
        warnings.warn(
            f"{folder.path}: the learning rate falls over the whole run"
            f" (--learning.schedule {config.learning.schedule}): its first {kept.window} windows"
            f" fell as in a run of {length}, the others fall as in one of {plan.windows}",
            OtherLengthWarning,
            stacklevel=3,
        )
    others = other_versions(kept.told["identity"])
    if others:
        warnings.warn(
            f"{folder.path}: goes on with {'; '.join(others)}: last bits may differ from those of"
            " a run without interruption",
            OtherVersionWarning,
            stacklevel=3,
        )
    folder.reopen(kept.window, kept.told["history"])
    return at


def _reached(engine: Engine, kept: Kept, where: Path) -> Reached:
    chips, told = restored(engine, kept, where), kept.told
    stopped = tuple(Stopped(*one) for one in told["stopped"])
    none = np.zeros(engine.members, np.int64)  # of a checkpoint from before they were kept
    rows = [kept.arrays.get(name, none) for name in _IN_A_ROW]
    limits = Limits(told["highest"], told.get("heaviest", np.inf), *rows)
    return Reached(chips, kept.window, limits, of_arrays(kept.arrays), stopped)


def pieces(
    engine: Engine,
    config: Config,
    plan: Plan,
    at: Reached,
    begun: int = 0,
    may_diverge: bool = False,
) -> Iterator[Reached]:
    """Advances the chips piece by piece.

    Args:
        engine: What advances them.
        config: What is run.
        plan: What is run, prepared.
        at: Where they are.
        begun: Windows up to the newest row that is there already.
        may_diverge: Whether chips that blow up are let go on.

    Yields:
        Where they are then, with a row wherever one ends.

    Raises:
        DivergedError: If no chip is left whose numbers can be gone on with.
    """
    pace, length = Pace(), between_rows(config, plan)
    while begun < plan.windows:
        # A run that was made longer may be beyond the end that its row has now.
        end = max(min(begun + length, plan.windows), at.window)
        while at.window < end:
            piece = pace.piece(min(end - at.window, BLOCK - len(at.means.cost)))
            chips, record = engine.advance(at.chips, at.window, at.window + piece)
            pace.took(piece)
            if at.window == 0:
                highest = ceiling(np.asarray(record.cost)[0])
                at = at._replace(limits=at.limits._replace(cost=highest))
            limits, stopped = _stopped(engine, plan, chips, record, at, may_diverge)
            means = at.means.and_then(record)
            at = Reached(chips, at.window + piece, limits, means, stopped)
            if at.window < end:
                yield at
        row = _row(engine, plan, at, [] if may_diverge else [one.chip for one in at.stopped])
        at, begun = at._replace(means=none_yet(engine.members)), end
        yield at._replace(row=row)


def _stopped(
    engine: Engine, plan: Plan, chips: Chips, record: Record, at: Reached, may_diverge: bool
) -> tuple[Limits, tuple[Stopped, ...]]:
    """Returns the limits by now, and all chips that are stopped.

    Raises:
        DivergedError: If no chip is left.
    """
    limits, new = newly_stopped(engine, plan.data, chips, record, at.window, at.limits, at.stopped)
    stopped = at.stopped + new
    if may_diverge:
        return limits, stopped
    if len(stopped) == engine.members:
        raise DivergedError(f"{new[-1].told()}; no chip is left")
    for one in new:
        warnings.warn(f"{one.told()}; the others go on", StoppedChipWarning, stacklevel=4)
    return limits, stopped


def _row(engine: Engine, plan: Plan, at: Reached, gone: list[int]) -> Row:
    """Returns the row of the history that ends where the chips are, some of which are no more."""
    shown, per_epoch = plan.tau.update // plan.tau.sample, len(plan.data.train_x)
    scores = engine.score(at.chips, at.window - 1).astype(float)
    cost, delta, deltas = at.means.told()
    if gone:
        scores[gone], cost[gone], deltas[gone] = np.nan, np.nan, np.nan
        delta = float(np.nanmean(deltas))
    return Row(
        window=at.window,
        step=at.window * plan.tau.update,
        epoch=at.window * shown / per_epoch,
        cost=float(np.nanmean(cost)) if gone else float(cost.mean()),
        score=float(np.nanmean(scores)) if gone else float(scores.mean()),
        cost_per_chip=cost.tolist(),
        score_per_chip=scores.tolist(),
        delta_cost=delta,
        delta_cost_per_chip=deltas.tolist(),
    )
