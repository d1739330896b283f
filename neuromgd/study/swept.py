"""The tables of a sweep: a row for every chip of every point, and a row for every point."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import pyarrow as pa

from neuromgd.chip.chip import Chip
from neuromgd.data.metrics.metric import Metric
from neuromgd.fleet.observe import observed, writes_per_cell
from neuromgd.options.axes import Value
from neuromgd.options.catalogue import catalogue
from neuromgd.options.grid import Point
from neuromgd.plan.plan import Plan
from neuromgd.verdict import interval
from neuromgd.verdict.diagnose import diagnose, explanations
from neuromgd.verdict.row import Row
from neuromgd.verdict.soundness import ceiling
from neuromgd.verdict.stopped import Stopped
from neuromgd.verdict.summary import share, solved_steps


def rows_of(
    points: Sequence[Point],
    plans: Sequence[Plan],
    history: Sequence[Row],
    chips: Chip,
    stopped: Sequence[Stopped] = (),
) -> list[dict[str, Any]]:
    """Returns a row for every chip of points that ran side by side.

    Args:
        points: What differed.
        plans: Of each of them alone.
        history: Of all their chips, one after the other.
        chips: They, along a leading axis.
        stopped: Those whose numbers could not be gone on with.
    """
    lost = {one.chip: one for one in stopped}
    each, found = points[0].config.chips, []
    highest = ceiling(np.nanmedian(history[0].cost_per_chip))
    written, solved = writes_per_cell(plans[0], chips), solved_steps(plans[0], history)
    for number, (point, plan) in enumerate(zip(points, plans, strict=True)):
        own = slice(number * each, (number + 1) * each)
        scores, costs = history[-1].score_per_chip[own], history[-1].cost_per_chip[own]
        why = [_diverged(*one, history[0].cost_per_chip[own][chip], highest,
                         lost.get(number * each + chip))
               for chip, one in enumerate(zip(scores, costs, strict=True))]  # fmt: skip
        seconds, joules = priced(plan)
        limits = "; ".join(_limits(plan, jax.tree.map(lambda leaf, own=own: leaf[own], chips),
                                   history, own, why))  # fmt: skip
        for chip, reason in enumerate(why):
            found.append(
                {name: cell(value) for name, value in point.values.items()}
                | {"chip": chip, plan.metric.name: scores[chip], "cost": costs[chip]}
                | {name: float(one[chip]) for name, one in _over_time(plan, history, own).items()}
                | {"diverged": reason is not None, "reason": reason}
                | {"hardware_seconds": seconds, "hardware_joules": joules}
                | {"writes_per_cell": float(written[own][chip]), "diagnosis": limits or None}
                | {"solved_step": None if solved is None else float(solved[own][chip])}
            )
    return found


def _over_time(plan: Plan, history: Sequence[Row], own: slice) -> dict[str, np.ndarray]:
    """Returns the mean metric of every chip, from the end of the first period on, if all drifts."""
    drifting = plan.params.drifting
    if drifting is None:
        return {}
    told = [row for row in history if row.window > float(drifting.period)] or history
    scores = np.asarray([row.score_per_chip[own] for row in told])
    return {f"{plan.metric.name}_over_time": scores.mean(0)}


def cell(value: Value) -> Value:
    """Returns a value as a table holds it: several widths as text."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


def schema(names: Sequence[str], metric: str) -> pa.Schema:
    """Returns the columns of the table, those of options with the kind of the option."""
    kinds = {float: pa.float64(), int: pa.int64(), bool: pa.bool_()}
    of = lambda option: next((kinds[k] for k in kinds if k in option.kinds), pa.string())
    known = catalogue()
    return pa.schema(
        [(name, of(known[name])) for name in names]
        + [("chip", pa.int64()), (metric, pa.float64()), ("cost", pa.float64())]
        + [("diverged", pa.bool_()), ("reason", pa.string())]
        + [(n, pa.float64()) for n in ("hardware_seconds", "hardware_joules", "writes_per_cell")]
        + [("diagnosis", pa.string()), ("solved_step", pa.float64())]
    )


def points_of(
    table: list[dict[str, Any]], names: Sequence[str], metric: Metric, target: float | None
) -> list[dict[str, Any]]:
    """Returns a row for every point: means over the chips that did not diverge.

    Args:
        table: A row for every chip, those of a point together.
        names: Of what was swept.
        metric: What was measured.
        target: That chips are to reach; None: no yield is asked for.
    """
    points: list[list[dict[str, Any]]] = []
    for row in table:
        if row["chip"] == 0:
            points.append([])
        points[-1].append(row)
    return [_point(chips, names, metric, target) for chips in points]


def _point(
    chips: list[dict[str, Any]], names: Sequence[str], metric: Metric, target: float | None
) -> dict[str, Any]:
    sound = [row for row in chips if not row["diverged"]]
    scores = [row[metric.name] for row in sound]
    low, high = (interval.mean(scores) if scores else None) or (None, None)
    average = lambda name: _mean([row[name] for row in sound])
    point = {name: chips[0][name] for name in names} | {
        metric.name: _mean(scores),
        f"{metric.name}_std": float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
        f"{metric.name}_low": low,
        f"{metric.name}_high": high,
        "cost": average("cost"),
        "diverged": len(chips) - len(sound),
        "reason": next((row["reason"] for row in chips if row["reason"]), None),
        "hardware_seconds": chips[0]["hardware_seconds"],
        "hardware_joules": chips[0]["hardware_joules"],
        "writes_per_cell": average("writes_per_cell"),
        "diagnosis": chips[0]["diagnosis"],
    }
    solved = [row.get("solved_step") for row in chips]
    if None not in solved:
        point |= share(np.asarray(solved, float))
    if target is None:
        return point
    reached = int(np.sum(reaches(metric, scores, target)))
    low, high = interval.share(reached, len(chips))
    return point | {"yield": reached / len(chips), "yield_low": low, "yield_high": high}


def reaches(metric: Metric, scores: Sequence[float], target: float) -> np.ndarray:
    """Tells which scores are as good as a target, or better."""
    values = np.asarray(scores, float)
    return values >= target if metric.is_higher_better else values <= target


def priced(plan: Plan) -> tuple[float | None, float | None]:
    """Returns time [s] and energy [J] of a whole run on the platform; None: nobody knows."""
    return plan.report.at(plan.windows * plan.tau.update) if plan.report else (None, None)


def _diverged(
    score: float, cost: float, first: float, highest: float, lost: Stopped | None
) -> str | None:
    """Returns why a chip learns nothing any more; None: it may.

    Accumulators at their ends, and a cost that came back, are what a sweep may be after.
    """
    is_finite = np.isfinite(cost) and np.isfinite(score)
    if lost is not None and (not is_finite or lost.quantity == "θ"):
        return f"{lost.what} in window {lost.window}; likely cause: {lost.cause}"
    if not np.isfinite(cost):
        return "the cost is no finite number any more"
    if not np.isfinite(score):
        return "what it answers is no finite number any more"
    if cost >= highest:
        return f"the cost grew to {cost:.3g} from {first:.3g}"
    return None


def _limits(
    plan: Plan, chips: Chip, history: Sequence[Row], own: slice, why: list[str | None]
) -> list[str]:
    """Returns what limits the chips of a point that did not diverge, the worst first."""
    sound = [chip for chip, reason in enumerate(why) if reason is None]
    if not sound:
        return []
    pick = lambda values: [values[own][chip] for chip in sound]
    rows = [
        row._replace(
            cost=float(np.mean(pick(row.cost_per_chip))),
            score=float(np.mean(pick(row.score_per_chip))),
            delta_cost=float(np.mean(pick(row.delta_cost_per_chip or [row.delta_cost] * own.stop))),
            # They may be too many for memory.
            cost_per_chip=[],
            score_per_chip=[],
            delta_cost_per_chip=None,
        )
        for row in history
    ]
    try:
        return explanations(diagnose(plan, observed(plan, chips), rows))
    except Exception as error:  # whatever it is, the trained chips are worth more
        reason = str(error).partition("\n")[0]
        return [f"the diagnosis failed: {type(error).__name__}: {reason}"]


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
