"""What estimates come to beside the gradient, array by array, and what the law says of them.

E‖Ĝ_a‖² = ‖∇_a C‖² + (n_a·D/ρ_a² − Γ_a)·ε/(P − 1) for an array a of n_a kicked weights with
amplitudes ρ_a·Δθ, where Γ_a is the mean ‖∇_a C‖² of what one perturbation is held against (one
sample, or a whole batch), D = Σρ_a²Γ_a, and ε the excess of the code, (P − 1)/T for independent
signs. Where neurons are kicked, or kicks have gates, what one perturbation comes to in
``neuromgd.fleet.shots`` stands for n_a·D/ρ_a². The angle of such an estimate is
acos √(‖∇C‖²/E‖Ĝ‖²).

References:
    Oripov et al., APL Mach. Learn. 3, 026107 (2025): convergence of the gradient, linear in P.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.chip.frozen import learning
from neuromgd.fleet.gradient import Truth, by_array, names
from neuromgd.fleet.shots import needs_shots
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan


def law(plan: Plan, truth: Truth, chips: int) -> Callable[[str, int], float | None]:
    """Returns (array, or "all"; windows) -> mean E‖Ĝ‖²/‖∇C‖² over chips, without noise.

    It is None where no law is known: time is continuous; samples take turns under a code that is
    orthogonal only after a period; neurons are kicked, or kicks have gates, by other codes than
    independent signs, or for several samples at a time.

    Args:
        plan: What is run.
        truth: Gradients of its chips.
        chips: How many there are.
    """
    theta = jax.tree.map(lambda leaf: leaf[0], truth.gradient)
    square, each = (np.asarray(one, float)[:chips] for one in (truth.square, truth.each))
    place, tau, code = names(theta), plan.tau, plan.design.code

    def told(name: str, power: np.ndarray) -> float | None:
        if name == "all":
            return float(np.mean(power.sum(-1) / square.sum(-1)))
        at = place.index(name)
        if not square[:, at].all():
            return None
        mean = float(np.mean(power[:, at] / square[:, at]))
        return mean if math.isfinite(mean) else None

    if truth.shot is not None:
        shot, slots = np.asarray(truth.shot, float)[:chips], tau.update / tau.perturbation
        return lambda name, windows: told(name, square + (shot - each) / (windows * slots))
    counts = np.asarray(by_array(jax.tree.map(lambda one: jnp.float32(one.size), theta)), float)
    every = int(counts.sum())
    takes_turns = not np.allclose(square.sum(-1), each.sum(-1), rtol=1e-3)
    if needs_shots(plan.machine, theta) or plan.design.mode.is_continuous or every < 2:
        return lambda name, windows: None
    if takes_turns and code.period(every) is not None:
        return lambda name, windows: None
    own = plan.params.synapse.amplitude_ratios
    ratio = np.ones(len(counts))
    if own is not None:
        own = learning(plan.design, own)
        of_weights = jax.tree.map(lambda one: jnp.ones(()), theta)
        ratio = np.asarray(by_array(own) / by_array(of_weights), float)
    made = (ratio**2 * each).sum(-1, keepdims=True) / ratio**2

    def expected(name: str, windows: int) -> float | None:
        slots = windows * tau.update / tau.perturbation
        if code.is_in_turn:
            # Each hears its own kicks alone, in one of so many slots.
            own = [float(code.excess(int(n), jnp.float32(len(counts) / slots))) for n in counts]
            return told(name, square + each * np.asarray(own))
        whole = float(code.excess(every, jnp.float32(1 / slots))) / (every - 1)
        return told(name, square + (counts * made - each) * whole)

    return expected


def with_all(values: Any) -> np.ndarray:
    """Returns (chips, arrays + 1) values: those of the arrays and their sum."""
    each = np.asarray(values, float)
    return np.concatenate([each, each.sum(-1, keepdims=True)], axis=-1)


def told_rows(
    plan: Plan,
    arrays: list[str],
    window: int,
    square: np.ndarray,
    along: np.ndarray,
    length: np.ndarray,
    power: np.ndarray,
) -> list[dict[str, Any]]:
    """Returns a row for every chip and array."""
    steps = window * plan.tau.update
    readings = steps + plan.design.reference.readings(steps, plan.tau.sample)
    tiny = np.finfo(float).tiny
    cosine = along / np.sqrt(np.maximum(length * square, tiny))
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return [
        {
            "window": window, "step": steps, "cost_readings": readings, "chip": chip,
            "array": name, "angle": float(angle[chip, at]),
            "length": float(np.sqrt(length[chip, at] / max(square[chip, at], tiny)) / window),
            "along": float(along[chip, at] / max(square[chip, at], tiny) / window),
            "power": float(power[chip, at] / max(square[chip, at], tiny) / window),
        }
        for chip in range(len(angle)) for at, name in enumerate(arrays)
    ]  # fmt: skip


def summarise(
    config: Config,
    plan: Plan,
    arrays: list[str],
    table: list[dict[str, Any]],
    truth: Truth,
    within: float,
) -> dict[str, Any]:
    """Returns what ``summary.json`` holds: where every array came to, and what the law says."""
    last = max(row["window"] for row in table)
    told, expected = [], law(plan, truth, config.chips)
    for name in arrays:
        end = [row for row in table if row["array"] == name and row["window"] == last]
        mean = {key: float(np.mean([r[key] for r in end])) for key in ("angle", "length", "along")}
        first = [_first(table, name, chip, within) for chip in range(config.chips)]
        is_all_there = None not in first
        told.append({
            "array": name, **mean,
            "power": float(np.mean([row["power"] for row in end])),
            "law_power": expected(name, 1),
            "law_angle": _angle(expected(name, last)),
            "step_within": float(np.median([one for one in first if one is not None]))
            if is_all_there else None,
        })  # fmt: skip
    steps = last * plan.tau.update
    return {
        "task": config.task, "chips": config.chips, "windows": last, "steps": steps,
        "cost_readings": steps + plan.design.reference.readings(steps, plan.tau.sample),
        "tau_sample": plan.tau.sample, "tau_perturbation": plan.tau.perturbation,
        "tau_update": plan.tau.update, "synapses": _synapses(truth),
        "within": within, "arrays": told,
        "law_curve": [
            [row, _angle(expected("all", row // plan.tau.update))]
            for row in sorted({row["step"] for row in table})
        ],
    }  # fmt: skip


def _angle(power: float | None) -> float | None:
    """Returns the angle between an estimate of that E‖Ĝ‖²/‖∇C‖² and the gradient [°]."""
    return None if power is None else math.degrees(math.acos(1 / math.sqrt(max(power, 1.0))))


def _first(table: list[dict[str, Any]], name: str, chip: int, within: float) -> int | None:
    """Returns the first logged timestep from which on an estimate stays within an angle."""
    rows = [row for row in table if row["array"] == name and row["chip"] == chip]
    far = [at for at, row in enumerate(rows) if row["angle"] > within]
    after = far[-1] + 1 if far else 0
    return rows[after]["step"] if after < len(rows) else None


def _synapses(truth: Truth) -> int:
    return sum(math.prod(leaf.shape[1:]) for leaf in jax.tree.leaves(truth.gradient))
