"""The summary of a run: what it reached, what it took, and why."""

import platform
from importlib.metadata import version
from typing import Any

import numpy as np

from neuromgd.fleet.engine import Chips, Engine
from neuromgd.options.config import Config
from neuromgd.plan.clock import workload
from neuromgd.plan.plan import Plan
from neuromgd.verdict.diagnose import as_dict, diagnose, effective_rate, explanations
from neuromgd.verdict.row import Row


def summarise(
    config: Config,
    todo: Plan,
    engine: Engine,
    rows: list[Row],
    chips: Chips,
    wall: float,
) -> dict[str, Any]:
    """Returns what ``summary.json`` holds."""
    end, tau, seen = rows[-1], todo.tau, engine.observed(chips)
    checks = {}
    if engine.has_readings:
        checks = diagnose(todo, seen, end.delta_cost, end.cost / rows[0].cost)
    steps = todo.windows * tau.update
    shown = steps // tau.sample
    references = todo.design.reference.readings(steps, tau.sample)
    return {
        "task": config.task,
        **scores(todo, rows),
        **solved(todo, rows),
        "cost": end.cost,
        "diagnostics": as_dict(checks),
        "effective_learning_rate": effective_rate(todo),
        "explanations": explanations(checks),
        "delta_cost": end.delta_cost,
        "steps": steps,
        "windows": todo.windows,
        "sample_presentations": shown,
        "cost_readings": steps + references if engine.has_readings else 0,
        "weight_writes": round(seen.writes),
        "writes_per_synapse": seen.writes_per_cell,
        "synapses": seen.synapses,
        "layers": todo.layers and list(todo.layers),
        "learning_rate": float(todo.params.synapse.learning_rate),
        "hardware_seconds": end.hardware_seconds,
        "hardware_joules": end.hardware_joules,
        "workload": workload(config, todo.layers, tau, steps),
        "wall_seconds": wall,
        "seed": config.seed,
        "chips": config.chips,
        "method": engine.method,
        "device": config.device.sheet,
        "platform": config.platform,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("neuromgd", "jax", "flax", "optax", "numpy")},
        },
    }


def scores(todo: Plan, rows: list[Row]) -> dict[str, Any]:
    """Returns what the task's metric came to, under its name."""
    metric, per_chip = todo.metric, np.asarray(rows[-1].score_per_chip)
    return {
        "metric": metric.name,
        metric.name: float(per_chip.mean()),
        f"{metric.name}_std": float(per_chip.std(ddof=1)) if len(per_chip) > 1 else None,
        f"{metric.name}_per_chip": per_chip.tolist(),
        f"{metric.name}_best": metric.best([row.score for row in rows]),
        f"{metric.name}_chance": metric.chance(todo.data.test_y),
    }


def solved(todo: Plan, rows: list[Row]) -> dict[str, Any]:
    """Returns how many chips passed the task's criterion, and the median timestep of those."""
    wanted, metric = todo.task.solved, todo.metric
    if wanted is None or metric.name != todo.task.metric:
        return {}
    is_beyond = metric.is_beyond(np.asarray([row.score_per_chip for row in rows]), wanted)
    first = np.asarray([row.step for row in rows])[is_beyond.argmax(0)]
    has_solved = is_beyond.any(0)
    return {
        f"solved_{metric.name}": wanted,
        "solved_share": float(has_solved.mean()),
        "solved_median_step": float(np.median(first[has_solved])) if has_solved.any() else None,
    }
