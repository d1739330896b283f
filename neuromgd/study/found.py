"""What every folder tells: what is run there, and what could not be told."""

from pathlib import Path
from typing import Any

import msgspec

from neuromgd.data.metrics import METRICS
from neuromgd.data.metrics.metric import Metric
from neuromgd.options.command import changed_options, command
from neuromgd.options.config import Config
from neuromgd.options.read import FILE as CONFIG
from neuromgd.sheets.library import text
from neuromgd.verdict.findings import Findings


def begun(path: Path, config: Config, kind: str, file: str = CONFIG) -> Findings:
    """Returns what is known of a folder before it is finished.

    Args:
        path: The folder.
        config: Of all its chips.
        kind: What it holds.
        file: Name of the one that says what is run.
    """
    return Findings(
        name=str(path), kind=kind, state="not finished", command=command(config),
        options=msgspec.to_builtins(changed_options(config)), config=text(path / file), summary={},
        metric=None,
    )  # fmt: skip


def lacking(found: Findings, what: str, error: Exception) -> Findings:
    """Returns findings that say what could not be told, and why."""
    reason = " ".join(str(error).split())[:500]
    return found._replace(absent=(*found.absent, f"{what}: {reason}"))


def named(name: str) -> Metric:
    """Returns a metric by name; of one that a user brought, only the name is known."""
    if name in METRICS:
        return METRICS[name]
    nothing: Any = None
    return Metric(name, name, "values", nothing, nothing, lambda targets: 0.0, True)
