"""Trained chips asked for a report: what they answer, hold, hear and estimate, and what they take.

Each part is found for itself: what goes wrong with one is told, and the others stand.
"""

import math
import tempfile
from collections.abc import Callable
from typing import Any

import jax
import msgspec
import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.fleet.gradient import names
from neuromgd.fleet.processes import to_host
from neuromgd.plan.plan import Parts
from neuromgd.study.gradient import gradient
from neuromgd.study.trained import Run
from neuromgd.timing import Report
from neuromgd.timing.traces.intervals import simulate, table
from neuromgd.verdict.diagnose import diagnose
from neuromgd.verdict.diagnose_bus import SOURCES, noises
from neuromgd.verdict.findings import (
    Confusion,
    Estimates,
    Findings,
    Hardware,
    Looked,
    Values,
    Weights,
)

# Test samples that are asked about, and those of them whose values are drawn.
SAMPLES, DRAWN = 10_000, 500
BINS = 60
# Of estimates: windows that are followed, and training samples that they are of.
WINDOWS, OF = 32, 1_024
# Timesteps of a Gantt chart, and operations that it may have.
STEPS, OPERATIONS = 4, 400


def of_chips(found: Findings, run: Run, parts: Parts, with_estimates: bool) -> Findings:
    """Returns findings with all that chips and platform tell.

    Args:
        found: What files tell.
        run: The run.
        parts: What it was given that no file can hold.
        with_estimates: Whether the chips are asked for estimates of the gradient.
    """
    asked: dict[str, Callable[[], dict[str, Any]]] = {
        "what chips answer": lambda: {"picture": picture(run)},
        "their weights": lambda: {"weights": weights(run)},
        "what limits them": lambda: _limits(run),
    }
    if run.plan.report is not None:
        report = run.plan.report
        asked["the clock"] = lambda: {"hardware": hardware(report)}
    if with_estimates and run.engine.has_readings:
        asked["their estimates"] = lambda: {"estimates": estimates(run, parts)}
    for what, ask in asked.items():
        try:
            told = ask()
        except Exception as error:  # whatever it is, the rest of the report is worth more
            reason = " ".join(str(error).split())[:500] or type(error).__name__
            found = found._replace(absent=(*found.absent, f"{what}: {reason}"))
        else:
            found = found._replace(**told)
    return found


def picture(run: Run) -> Confusion | Values:
    """Returns which classes are taken for which, or values beside those that are wanted."""
    data = run.plan.data
    x, y = data.test_x[:SAMPLES], data.test_y[:SAMPLES]
    outputs = run.predict(x)
    if data.classes is None:
        told = outputs[0].reshape(len(y), -1)[:DRAWN]
        return Values(y.reshape(len(y), -1)[:DRAWN].ravel().tolist(), told.ravel().tolist(),
                      data.unit)  # fmt: skip
    return Confusion(_counted(data, outputs, y), [str(one) for one in range(data.classes)])


def _counted(data: Dataset, outputs: np.ndarray, y: np.ndarray) -> list[list[int]]:
    """Returns (classes, classes) numbers of answers, by what is wanted and what is told."""
    assert data.classes is not None
    told = outputs[..., 0] > 0.5 if data.outputs == 1 else outputs.argmax(-1)
    wanted = np.broadcast_to(y.reshape(told.shape[1:]), told.shape)
    flat = wanted.astype(int).ravel() * data.classes + told.astype(int).ravel()
    return np.bincount(flat, minlength=data.classes**2).reshape(data.classes, -1).tolist()


def weights(run: Run) -> list[Weights]:
    """Returns the distribution of the weights of every array."""
    arrays = run.engine.weights(run.chips)
    leaves = [np.asarray(to_host(leaf), float).ravel() for leaf in jax.tree.leaves(arrays)]
    each: dict[str, list[np.ndarray]] = {}
    for (path, _), leaf in zip(jax.tree.leaves_with_path(arrays), leaves, strict=True):
        each.setdefault(jax.tree_util.keystr(path[:-1] or path, simple=True, separator="/"),
                        []).append(leaf)  # fmt: skip
    assert list(each) == names(arrays)
    found = []
    for name, parts in each.items():
        whole = np.concatenate(parts)
        counts, edges = np.histogram(whole, min(BINS, max(8, math.isqrt(whole.size))))
        found.append(Weights(name, edges.tolist(), (counts / counts.sum()).tolist()))
    return found


def _limits(run: Run) -> dict[str, Any]:
    """Returns what is near its limit, what of the bus is noise, and how worn cells are."""
    plan, seen = run.plan, run.engine.observed(run.chips)
    told: dict[str, Any] = {"at_bound": seen.at_bound}
    device = plan.params.device
    if device.weight_min is not None and device.weight_max is not None:
        told["bounds"] = float(device.weight_min), float(device.weight_max)
    if device.endurance_cycles is not None:
        told["endurance"] = float(device.endurance_cycles)
    if run.engine.has_readings:
        told["noises"] = {SOURCES[name]: sigma for name, sigma in noises(plan, seen).items()}
        checks = diagnose(plan, seen, run.history)
        looked = [Looked(name.replace("_", " "), one.value, one.limit)
                  for name, one in checks.items()]  # fmt: skip
        told["looked"] = sorted(looked, key=lambda one: -one.value / one.limit)
    return told


def hardware(report: Report) -> Hardware:
    """Returns where time and energy go, and what happens in the first timesteps."""
    program = report.clockwork.program
    each = len(program.operations(program.due(0, program.beat))) / program.beat
    steps = max(1, min(STEPS, int(OPERATIONS / each), report.workload.steps))
    causes = report.energy.of_causes
    return Hardware(
        intervals=table(simulate(program, steps)),
        tick=float(report.tick),
        title=f"{report.platform.name}, {report.schedule.name}, first {steps} timesteps",
        name=report.platform.name,
        joules={
            cause: {part: None if one is None else float(one) for part, one in parts.items()}
            for cause, parts in causes.items()
        },
        busy={name: line.busy / report.ticks for name, line in report.ledger.items()},
    )


def estimates(run: Run, parts: Parts) -> Estimates:
    """Follows what trained chips estimate, beside the true gradient."""
    with tempfile.TemporaryDirectory() as folder:
        config = msgspec.structs.replace(
            run.config,
            steps=None,
            epochs=None,
            windows=WINDOWS,
            stop_at=None,
            out=f"{folder}/estimates",
        )
        fewer = min(OF, len(run.plan.data.train_x))
        done = gradient(config, parts, trained=run, samples=fewer)
    return estimates_of(done.summary, done.table)


def estimates_of(summary: dict[str, Any], table: list[dict[str, Any]]) -> Estimates:
    """Returns what is drawn of followed estimates."""
    arrays = [row["array"] for row in summary["arrays"]]
    return Estimates(
        table, arrays, summary["law_curve"], summary["within"], summary["samples"],
        summary["arrays"],
    )  # fmt: skip
