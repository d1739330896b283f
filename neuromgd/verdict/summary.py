"""The summary of a run: what it reached, what it took, and why."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from neuromgd.errors import InputError
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.options.config import Config
from neuromgd.options.told import notes
from neuromgd.plan.clock import workload
from neuromgd.plan.plan import Plan
from neuromgd.verdict.advice import advice
from neuromgd.verdict.convergence import as_dict as as_told
from neuromgd.verdict.diagnose import as_dict, diagnose, explanations
from neuromgd.verdict.diagnose_bus import noises, total
from neuromgd.verdict.local_memory import local_memory
from neuromgd.verdict.remedy import remedy
from neuromgd.verdict.requests import effective_rate, sound_delta_cost
from neuromgd.verdict.row import Row, column
from neuromgd.verdict.stopped import Stopped
from neuromgd.verdict.technologies import views


def summarise(
    config: Config,
    plan: Plan,
    engine: Engine,
    rows: Sequence[Row],
    chips: Chips,
    wall: float,
    stopped: tuple[Stopped, ...] = (),
) -> dict[str, Any]:
    """Returns what ``summary.json`` holds; means are over the chips that are not stopped."""
    end, tau = rows[-1], plan.tau
    steps = plan.windows * tau.update
    shown = steps // tau.sample
    references = plan.design.reference.readings(steps, tau.sample)
    return {
        "task": config.task,
        **scores(plan, rows, [one.chip for one in stopped]),
        **solved(plan, rows),
        **tracked(plan, rows),
        "cost": end.cost,
        "convergence": as_told(rows, config.learning.schedule != "constant"),
        **_observed(plan, engine, rows, chips),
        "delta_cost": end.delta_cost,
        "steps": steps,
        "windows": plan.windows,
        "sample_presentations": shown,
        "cost_readings": steps + references if engine.has_readings else 0,
        "model": config.network.model or plan.task.model,
        "broadcasts": _broadcasts(plan, steps) if engine.has_readings else 0,
        "layers": plan.layers and list(plan.layers),
        "learning_rate": float(plan.params.synapse.learning_rate),
        "amplitude": float(plan.params.synapse.amplitude),
        "hardware_seconds": end.hardware_seconds,
        "hardware_joules": end.hardware_joules,
        "workload": _workload(config, plan, steps),
        "wall_seconds": wall,
        "seed": config.seed,
        "chips": config.chips,
        "method": engine.method,
        "local_memory": local_memory(plan) if engine.method == "mgd" else [],
        "device": config.device.sheet,
        "platform": config.platform,
        "notes": notes(config),
        "stopped": [one._asdict() for one in stopped],
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("neuromgd", "jax", "flax", "optax", "numpy")},
        },
    }


def _broadcasts(plan: Plan, steps: int) -> int:
    """Returns how often a cost change went out."""
    return steps if plan.design.broadcast == "timestep" else steps // plan.tau.perturbation


def _workload(config: Config, plan: Plan, steps: int) -> dict[str, Any] | None:
    """Returns what decides the time of the run; None: no clock can tell it."""
    try:
        return workload(config, plan.machine, plan.layers, steps)
    except InputError:
        return None


def _observed(plan: Plan, engine: Engine, rows: Sequence[Row], chips: Chips) -> dict[str, Any]:
    """Returns what is seen of the chips and what that means; a failure to see loses no run."""
    told: dict[str, Any] = {
        "diagnostics": {}, "effective_learning_rate": None, "explanations": [],
        "weight_writes": None, "writes_per_synapse": None, "synapses": None,
        "slow_writes_per_synapse": None, "cells_per_weight": None, "tester_pulses_per_cell": None,
        "delta_cost_noise": None, "remedy": None, "advice": [],
    }  # fmt: skip
    try:
        seen = engine.observed(chips)
        told["weight_writes"] = round(seen.writes)
        told["writes_per_synapse"], told["synapses"] = seen.writes_per_cell, seen.synapses
        told["slow_writes_per_synapse"] = seen.slow_writes_per_cell
        told["cells_per_weight"] = seen.cells_per_weight
        told["tester_pulses_per_cell"] = seen.tester_pulses
        told["effective_learning_rate"] = effective_rate(plan)
        if engine.has_readings:
            told["delta_cost_noise"] = total(noises(plan, seen))
            sound = sound_delta_cost(plan, seen.delta_range, column(rows, "delta_cost").tolist())
            each = [remedy(one.plan, sound, one.first) for one in views(plan, seen)]
            # Of several technologies, what the worst needs.
            better = max(filter(None, each), key=lambda one: one.total, default=None)
            told["remedy"] = None if better is None else better._asdict()
            checks = diagnose(plan, seen, rows)
            told["diagnostics"], told["explanations"] = as_dict(checks), explanations(checks)
        told["advice"] = advice(told, plan.report)
    except Exception as error:  # whatever it is, the trained chips are worth more
        reason = str(error).partition("\n")[0]
        told["explanations"] = [f"the diagnosis failed: {type(error).__name__}: {reason}"]
    return told


def scores(plan: Plan, rows: Sequence[Row], stopped: Sequence[int] = ()) -> dict[str, Any]:
    """Returns what the task's metric came to, under its name."""
    metric, all_scores = plan.metric, rows[-1].score_per_chip
    # A chip that is stopped has none.
    per_chip = np.asarray([one for chip, one in enumerate(all_scores) if chip not in stopped])
    told = [None if chip in stopped else one for chip, one in enumerate(all_scores)]
    return {
        "metric": metric.name,
        metric.name: float(per_chip.mean()),
        f"{metric.name}_std": float(per_chip.std(ddof=1)) if len(per_chip) > 1 else None,
        f"{metric.name}_per_chip": told,
        f"{metric.name}_best": metric.best(column(rows, "score").tolist()),
        f"{metric.name}_chance": metric.chance(plan.data.test_y),
    }


def tracked(plan: Plan, rows: Sequence[Row]) -> dict[str, Any]:
    """Returns the task's metric over time, from the end of the first period on, if all drifts."""
    drifting = plan.params.drifting
    if drifting is None:
        return {}
    period, metric = float(np.max(np.asarray(drifting.period))), plan.metric
    every, is_later = column(rows, "score"), column(rows, "window") > period
    told = every[is_later] if is_later.any() else every
    return {
        f"{metric.name}_over_time": float(np.mean(told)),
        f"{metric.name}_worst": float(told.min() if metric.is_higher_better else told.max()),
    }


def solved(plan: Plan, rows: Sequence[Row]) -> dict[str, Any]:
    """Returns how many chips passed the task's criterion, and the median timestep of those."""
    first = solved_steps(plan, rows)
    return {} if first is None else {f"solved_{plan.metric.name}": plan.task.solved, **share(first)}


def solved_steps(plan: Plan, rows: Sequence[Row]) -> np.ndarray | None:
    """Returns the first logged timestep of every chip beyond the task's criterion.

    Infinite: none is; None for all: the task has no criterion.
    """
    wanted, metric = plan.task.solved, plan.metric
    if wanted is None or metric.name != plan.task.metric:
        return None
    first = np.full(len(rows[-1].score_per_chip), np.inf)
    for row in rows:  # one after the other: they may be too many for memory
        is_beyond = metric.is_beyond(np.asarray(row.score_per_chip), wanted)
        first = np.where(is_beyond, np.minimum(first, row.step), first)
    return first


def share(first: np.ndarray) -> dict[str, float | None]:
    """Returns the share of chips that solved a task, and the median timestep of those."""
    those = first[np.isfinite(first)]
    median = float(np.median(those)) if len(those) else None
    return {"solved_share": len(those) / len(first), "solved_median_step": median}
