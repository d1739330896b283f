"""The tables of many runs: compared, swept, searched and explored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from neuromgd.options.exploration import GOALS
from neuromgd.plots.page.grid import Grid, amount, told_as, value_of
from neuromgd.shown import mean_count
from neuromgd.verdict.findings import Findings

# Rows of a table; a longer one is a file.
ROWS = 500


def swept(found: Findings) -> list[Grid]:
    """Returns the points of a sweep, and those that were left out."""
    seen, metric = found.sweep, found.metric
    assert seen is not None
    has_yield = seen["target"] is not None
    heads = [*seen["names"], metric.title, "95 % interval", *(["yield"] if has_yield else []),
             "diverged", "time", "energy", "writes of a cell", "what limits it"]  # fmt: skip
    rows = []
    for point in seen["points"][:ROWS]:
        row = [value_of(point[name]) for name in seen["names"]]
        row += [_score(metric, point[metric.name]), _interval(metric, point)]
        if has_yield:
            ends = [f"{100 * point[key]:.0f}" for key in ("yield", "yield_low", "yield_high")]
            row.append("{} % ({} to {})".format(*ends))
        row += [
            str(point["diverged"] or ""), amount(point["hardware_seconds"], "s"),
            amount(point["hardware_joules"], "J"), mean_count(point["writes_per_cell"]),
            point["diagnosis"] or point["reason"] or "",
        ]  # fmt: skip
        rows.append(row)
    numbers = [False] * len(seen["names"]) + [True] * (len(heads) - len(seen["names"]) - 1)
    made = [Grid(f"{len(seen['points']):,} points", heads, rows, (*numbers, False))]
    if seen["left_out"]:
        names = seen["names"]
        left = [[*(value_of(one.get(name)) for name in names), one["reason"]]
                for one in seen["left_out"]]  # fmt: skip
        made.append(Grid("Left out", [*names, "why"], left, [False] * (len(names) + 1)))
    return made


def compared(runs: Sequence[Findings]) -> Grid:
    """Returns a row for every run: what differs between them, and what they came to."""
    names = [name for name in dict.fromkeys(n for one in runs for n in one.options if n != "task")
             if len({str(one.options.get(name)) for one in runs}) > 1]  # fmt: skip
    heads = ["run", *names, "task", "score", "time", "energy", "writes of a synapse", "timesteps"]
    rows = []
    for one in runs:
        told, metric = one.summary, one.metric
        score = told.get(metric.name)
        spread = told.get(f"{metric.name}_std")
        shown = f"not finished ({one.state})" if score is None else metric.tell(score)
        rows.append([
            one.name, *(value_of(one.options.get(name), "default") for name in names), told["task"],
            shown + (f" ± {metric.tell(spread)}" if spread else ""),
            amount(told.get("hardware_seconds"), "s"),
            amount(told.get("hardware_joules"), "J"),
            mean_count(told.get("writes_per_synapse")), told_as(told.get("steps"), ","),
        ])  # fmt: skip
    numbers = [False] * (len(names) + 2) + [True] * 5
    return Grid(f"{len(runs)} runs; options in which they differ", heads, rows, numbers)


def _score(metric: Any, score: float | None) -> str:
    return "" if score is None else metric.tell(score)


def _interval(metric: Any, point: dict[str, Any]) -> str:
    low, high = point[f"{metric.name}_low"], point[f"{metric.name}_high"]
    return "" if low is None else f"{metric.tell(low)} to {metric.tell(high)}"


def card(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> Grid:
    """Returns a tolerance card, what breaks the design first on top.

    Args:
        rows: See ``tolerate``.
        labels: What every number is called, with its unit.
    """
    heads = ("number", "today", "tolerable", "95 % interval", "margin")
    texts = []
    for row in rows:
        now, value, low, high = (
            absent if row[name] is None else f"{row[name]:.3g}"
            for name, absent in (("today", "–"), ("tolerable", "–"), ("low", "<"), ("high", ">"))
        )
        margin = "" if row["margin"] is None else f"{row['margin']:.3g}×"
        texts.append((labels[row["number"]], now, value, f"{low} to {high}", margin))
    return Grid("How bad each may be, the others as they are", heads, texts,
                (False, True, True, True, True))  # fmt: skip


def front(
    rows: Sequence[Mapping[str, Any]], metric: Any, names: Sequence[str], goals: Sequence[str]
) -> Grid:
    """Returns the designs that no other one beats.

    Args:
        rows: Of them, see ``explore``.
        metric: What was measured.
        names: Of the options that were varied.
        goals: What was to be small.
    """
    texts = []
    for row in rows:
        spread, score = row[f"{metric.name}_std"], metric.tell(row[metric.name])
        texts.append((
            str(row["trial"]), *(value_of(row[name]) for name in names),
            score + (f" ± {metric.tell(spread)}" if spread else ""),
            *(_goal(row, goal) for goal in goals),
        ))  # fmt: skip
    heads = ("trial", *names, metric.title, *goals)
    numbers = (True, *(False for _ in names), True, *(True for _ in goals))
    return Grid("Designs that no other one beats", heads, texts, numbers)


def not_run(table: Sequence[Mapping[str, Any]]) -> Grid | None:
    """Returns why designs of an exploration were not run, and how many; None: all were."""
    reasons = Counter(row["reason"] for row in table if row["config"] is None)
    if not reasons:
        return None
    rows = [(str(count), reason) for reason, count in reasons.most_common(ROWS)]
    return Grid("Not run", ("designs", "why"), rows, (True, False))


def _goal(row: Mapping[str, Any], goal: str) -> str:
    column, _, unit = GOALS[goal]
    if row[column] is None:
        return "unknown"
    return amount(row[column], unit) if unit else f"{row[column]:.2g}"
