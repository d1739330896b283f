"""Training: from a configuration to trained chips and a run folder."""

import time
from typing import Any

from neuromgd.fleet.memory import telling_of_memory
from neuromgd.fleet.processes import telling_of_losses
from neuromgd.options.config import Config
from neuromgd.options.read import checked, with_platform
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import NO_PARTS, Parts, Plan
from neuromgd.plan.plan import plan as prepare
from neuromgd.study.folder import reserved
from neuromgd.study.probed import probed
from neuromgd.study.run import Watch, has_reached, run
from neuromgd.study.trained import Run
from neuromgd.verdict.row import Row
from neuromgd.verdict.summary import summarise


@telling_of_losses()
@telling_of_memory()
def train(
    config: Config,
    watch: Watch = lambda row, windows: None,
    parts: Parts = NO_PARTS,
    is_resumed: bool = False,
    may_overwrite: bool = False,
    probe: bool = True,
) -> Run:
    """Trains chips and writes a run folder.

    Args:
        config: What to run.
        watch: Called with every row of the history as it comes, and the length of the run.
        parts: A network, cost function, metric, learning rule, data or instrument of your own.
        is_resumed: Whether to go on from the newest checkpoint in the run folder, with the very
            numbers that a run without interruption gives.
        may_overwrite: Whether a finished run in the run folder may be overwritten; files that no
            run wrote stay in any case.
        probe: Whether a network or rule of your own that is given no rate gets rate, amplitude and
            weight scale from a probe of a few hundred windows, which says what it chose; a run of
            less than a thousand windows has none.

    Raises:
        InputError: If the configuration, its data or its folder cannot be used.
        DivergedError: If all chips blow up; what was written before stays.
        StoppedError: If a signal ends it, after a checkpoint; it is a KeyboardInterrupt.
        StorageError: If the folder takes no more; what was written before stays.
        LostProcessError: If another of the processes that run together ends before.

    Example:
        >>> from tempfile import mkdtemp
        >>> run = train(Config(windows=200, chips=2, out=mkdtemp()))
        >>> sorted(run.summary)[:3]
        ['accuracy', 'accuracy_best', 'accuracy_chance']
    """
    start = time.perf_counter()
    config = checked(with_platform(checked(driven(config, parts.instrument))))
    with reserved(config, is_resumed, may_overwrite) as config:
        config = probed(config, parts, is_resumed, probe)
        plan = prepare(config, parts)
        folder, engine, chips, stopped = run(config, plan, [], watch, is_resumed)
        rows = folder.rows
        stop = stopped_at(config, plan, rows[-1])
        plan = plan._replace(windows=rows[-1].window)
        wall = time.perf_counter() - start
        summary = summarise(config, plan, engine, rows, chips, wall, stopped)
        summary = folder.summarise(summary | {"stop": stop})
    return Run(folder.path, config, summary, rows, chips, plan, engine)


def stopped_at(config: Config, plan: Plan, last: Row) -> dict[str, Any] | None:
    """Returns whether a run reached what it was to stop at; None: it was to stop at nothing."""
    if config.stop_at is None:
        return None
    return {
        "at": config.stop_at, "is_reached": has_reached(config, plan, last),
        "window": last.window, "windows": plan.windows,
    }  # fmt: skip
