"""Reading a run folder back."""

from pathlib import Path

import msgspec

from neuromgd.errors import InputError
from neuromgd.fleet.engines import open_engine
from neuromgd.options.grid import FILE
from neuromgd.options.read import FILE as CONFIG
from neuromgd.options.read import checked, from_file, with_platform
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import NO_PARTS, Parts
from neuromgd.plan.plan import plan as prepare
from neuromgd.stamp import refuse_changed
from neuromgd.study.checkpoint import Checkpoints, restored
from neuromgd.study.folder import SUMMARY
from neuromgd.study.history import history
from neuromgd.study.identity import identity, refuse_another
from neuromgd.study.told import read_summary
from neuromgd.study.trained import Run


def open_run(folder: str | Path, parts: Parts = NO_PARTS) -> Run:
    """Opens a finished run: its configuration, history and summary, and its trained chips.

    Args:
        folder: The run folder.
        parts: What the run was given that no file can hold, such as a network of one's own.

    Raises:
        InputError: If the folder holds no finished run.

    Example:
        >>> from neuromgd.study.train import train
        >>> from neuromgd.options.config import Config
        >>> from tempfile import mkdtemp
        >>> done = train(Config(task="parity", windows=8, chips=2, out=mkdtemp()))
        >>> open_run(done.folder).predict(done.plan.data.test_x).shape
        (2, 4, 1)
    """
    path = Path(folder)
    if (path / FILE).exists():
        raise InputError(f"{path}: holds a sweep; its table is sweep.parquet")
    config = msgspec.structs.replace(from_file(path / CONFIG), out=str(path))
    if not (path / SUMMARY).exists():
        raise InputError(
            f"{path}: holds a run that has not finished; it goes on with neuromgd train --resume"
        )
    config = checked(with_platform(driven(config, parts.instrument)))
    plan = prepare(config, parts)
    summary = read_summary(path / SUMMARY)
    engine, kept = open_engine(config, plan), Checkpoints(path).read()
    refuse_another(kept.told["identity"], identity(config, plan, []), str(path))
    refuse_changed(path / CONFIG)
    if kept.window != summary["windows"]:
        raise InputError(
            f"{path}: its last checkpoint, after window {summary['windows']}, is damaged or missing"
        )
    chips = engine.finished(restored(engine, kept, path))
    rows = history(path, plan.metric.name)
    # A run that stopped where it was to is as long as it became.
    plan = plan._replace(windows=summary["windows"])
    return Run(path, config, summary, rows, chips, plan, engine)
