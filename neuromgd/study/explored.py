"""The table of an exploration: a row for every design, and which of them are on the front."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from neuromgd.data.metrics.metric import Metric
from neuromgd.study.candidates import Candidate
from neuromgd.study.swept import cell, schema
from neuromgd.verdict.pareto import beaten


def losses(
    some: Sequence[Candidate], metric: Metric, small: Sequence[str]
) -> Float[np.ndarray, "designs goals"]:
    """Returns what is to be small of designs that were looked at; inf: unknown.

    Args:
        some: They; each has a score.
        metric: What was measured.
        small: Goals beside it.
    """
    of = {
        "time": lambda one: one.seconds,
        "energy": lambda one: one.joules,
        "wear": lambda one: one.wear,
    }
    sign = -1 if metric.is_higher_better else 1
    rows = [
        [sign * (one.looks[-1].score or 0.0)]
        + [np.inf if of[goal](one) is None else of[goal](one) for goal in small]
        for one in some
    ]
    return np.asarray(rows, float).reshape(len(some), 1 + len(small))


def front_of(
    some: Sequence[Candidate], rounds: int, metric: Metric, small: Sequence[str]
) -> set[int]:
    """Returns the numbers of the designs that ran to the end and that no other one beats."""
    done = [one for one in some if len(one.looks) == rounds and one.looks[-1].score is not None]
    if not done:
        return set()
    behind = beaten(losses(done, metric, small))
    return {one.number for one, is_behind in zip(done, behind, strict=True) if not is_behind}


def row_of(
    one: Candidate, names: Sequence[str], metric: Metric, is_on_front: bool, folder: str
) -> dict[str, Any]:
    """Returns what is told of one design.

    Args:
        one: The design.
        names: Of the options that are varied.
        metric: What was measured.
        is_on_front: Whether no other one beats it.
        folder: Where its configuration lies, beside the table.
    """
    looked = one.looks[-1] if one.looks else None
    point = looked.point if looked else {}
    ends = (f"{metric.name}_std", f"{metric.name}_low", f"{metric.name}_high")
    return (
        {"trial": one.number}
        | {name: cell(one.values[name]) for name in names}
        | {"round": looked.round if looked else 0, "windows_done": looked.windows if looked else 0}
        | {metric.name: looked.score if looked else None}
        | {name: point.get(name) for name in (*ends, "cost", "diverged")}
        | {"hardware_seconds": one.seconds, "hardware_joules": one.joules}
        | {"writes_per_cell": point.get("writes_per_cell"), "endurance_used": one.wear}
        | {"on_front": is_on_front, "reason": _reason(one, is_on_front)}
        | {"diagnosis": point.get("diagnosis")}
        | {"config": f"{folder}/{one.file}" if one.reason is None else None}
    )


def _reason(one: Candidate, is_on_front: bool) -> str | None:
    """Returns why a design is not on the front."""
    if one.reason is not None or is_on_front:
        return one.reason
    last = one.looks[-1]
    if last.score is None:
        return last.point["reason"]
    if last.windows < one.windows:
        return f"others were better after {last.windows:,} windows"
    return "another one beats it"


def columns_of(rows: list[dict[str, Any]], names: Sequence[str], metric: Metric) -> pa.Schema:
    """Returns the columns of the table."""
    known = schema(names, metric.name)
    kinds = {"trial": pa.int64(), "round": pa.int64(), "windows_done": pa.int64(),
             "diverged": pa.int64(), "on_front": pa.bool_(), "config": pa.string()}  # fmt: skip
    of = lambda name: (
        kinds.get(name) or (known.field(name).type if name in known.names else pa.float64())
    )
    return pa.schema([(name, of(name)) for name in rows[0]])
