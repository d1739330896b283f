"""What was measured, as tables and as JSON."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.group import Finding, Outcome

PACKAGES = ("neuromgd", "jax", "jaxlib", "flax", "optax", "numpy")


def quantity(seconds: float) -> str:
    """Returns a duration with the prefix that suits it."""
    for factor, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def number(finding: Finding) -> str:
    """Returns the value of a finding with its unit."""
    if finding.unit in ("s", "θ", ""):
        return f"{finding.value:.3g} {finding.unit}".strip()
    return f"{finding.value:,.3g} {finding.unit}"


def bound(finding: Finding) -> str:
    """Returns what a finding must keep to, and whether it does."""
    if finding.at_most is None and finding.at_least is None:
        return ""
    sign, limit = ("≤", finding.at_most) if finding.at_least is None else ("≥", finding.at_least)
    return f"{sign} {limit:.3g}: {'met' if finding.is_met else 'missed'}"


def show(group: str, outcome: Outcome, earlier: dict[str, Any] | None = None) -> None:
    """Prints the tables of one group.

    Args:
        group: Its name.
        outcome: What it gave.
        earlier: What ``numbers`` gave another time; its medians stand beside.
    """
    console = Console(width=None if sys.stdout.isatty() else 160)
    known = (earlier or {"groups": {}})["groups"].get(group, {"cases": {}})["cases"]
    if outcome.timings:
        table = Table(title=f"{group}: time for one {outcome.unit}")
        table.add_column("case", no_wrap=True)
        table.add_column("what")
        for column in ("median", "quartiles", "before", "trace", "compile"):
            table.add_column(column, justify="right", no_wrap=True)
        for name, timing in outcome.timings.items():
            low, high = np.quantile(timing.seconds, [0.25, 0.75])
            before = np.median(known[name]["seconds"]) if name in known else None
            table.add_row(
                name, outcome.what[name], quantity(timing.median),
                f"{quantity(low)} – {quantity(high)}",
                "" if before is None else quantity(float(before)),
                f"{timing.trace_seconds:.1f} s", f"{timing.compile_seconds:.1f} s",
            )  # fmt: skip
        console.print(table)
    table = Table("finding", "value", "bound", title=group)
    for finding in outcome.findings:
        table.add_row(finding.name, number(finding), bound(finding))
    console.print(table)


def machine() -> dict[str, str | int]:
    """Returns what the numbers depend on beside the code."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    model = next((line for line in lines if line.startswith("model name")), "")
    return {
        "processor": model.partition(":")[2].strip() or platform.processor(),
        "cores": os.cpu_count() or 1,
        "jax_device": jax.devices()[0].device_kind,
        "python": platform.python_version(),
    } | {name: version(name) for name in PACKAGES}


def numbers(outcomes: dict[str, Outcome]) -> dict[str, Any]:
    """Returns all that was measured, every round of it, as JSON knows it."""
    groups = {
        group: {
            "unit": outcome.unit,
            "load": outcome.load,
            "cases": {
                name: timing._asdict()
                | {"seconds": timing.seconds.tolist(), "what": outcome.what[name]}
                for name, timing in outcome.timings.items()
            },
            "findings": [finding._asdict() for finding in outcome.findings],
        }
        for group, outcome in outcomes.items()
    }
    return {"machine": machine(), "groups": groups}
