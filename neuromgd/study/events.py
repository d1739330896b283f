"""Event files for TensorBoard, written row by row while a run goes on."""

import math
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from neuromgd.errors import InputError
from neuromgd.study.folder import EVENTS
from neuromgd.verdict.row import Row

# Up to so many chips have curves of their own; of more, quantiles stand for them.
CHIPS = 16


class Events:
    """Writes every row of a history into event files; a ``watch`` for ``train``, and a context.

    Args:
        run: Folder of the run; the files are in its folder ``events``.
        metric: Name of what is measured.

    Raises:
        InputError: If the package that writes them is missing.

    Example:
        >>> from neuromgd.options.config import Config
        >>> from neuromgd.study.train import train
        >>> from tempfile import mkdtemp
        >>> config = Config(task="parity", windows=8, chips=2, out=mkdtemp())
        >>> with Events(config.out) as events:
        ...     run = train(config, watch=events)
    """

    def __init__(self, run: str | Path, metric: str = "score"):
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise InputError(
                "option tensorboard: tensorboardX is missing: pip install 'neuromgd[tensorboard]'"
            ) from None
        self._open, self._folder, self._metric = SummaryWriter, Path(run) / EVENTS, metric
        self._writer: Any = None

    def __call__(self, row: Row, windows: int) -> None:
        """Writes one row."""
        if self._writer is None:
            # What an interrupted run wrote beyond its checkpoint is taken back.
            self._writer = self._open(str(self._folder), purge_step=row.step, write_to_disk=True)
        for name, value in scalars(row, self._metric).items():
            if math.isfinite(value):
                self._writer.add_scalar(name, value, row.step)
        self._writer.flush()

    def __enter__(self) -> "Events":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()


def scalars(row: Row, metric: str) -> dict[str, float]:
    """Returns what of a row is drawn, by name.

    Args:
        row: Of a history.
        metric: Name of what is measured.
    """
    told = {"cost/mean": row.cost, f"{metric}/mean": row.score, "delta_cost/mean": row.delta_cost}
    for name, values in (("cost", row.cost_per_chip), (metric, row.score_per_chip)):
        if 1 < len(values) <= CHIPS:
            told |= {f"{name}/chip-{chip}": value for chip, value in enumerate(values)}
        elif len(values) > CHIPS:
            sound = [one for one in values if math.isfinite(one)] or [math.nan]
            told |= {f"{name}/{share}-percent": float(np.percentile(sound, share))
                     for share in (5, 50, 95)}  # fmt: skip
    for name in ("hardware_seconds", "hardware_joules"):
        if (spent := getattr(row, name)) is not None:
            told[f"hardware/{name.removeprefix('hardware_')}"] = spent
    return told
