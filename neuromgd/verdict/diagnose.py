"""Why a chip learns or does not: the ratios that decide it, and a plain sentence for a bad one."""

from typing import Any

import jax

from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.synapse.learn import step_normalisation
from neuromgd.typing import Leaf
from neuromgd.verdict.check import Check
from neuromgd.verdict.diagnose_writes import of_writes


def diagnose(todo: Plan, seen: Observed, delta_cost: float, growth: float) -> dict[str, Check]:
    """Returns the checks that apply to a run, by name.

    Args:
        todo: What was run.
        seen: Of the chips at the end of the run.
        delta_cost: Mean |ΔC| at the end of the run [cost].
        growth: Cost at the end over cost at the beginning [1].
    """
    params, checks = todo.params, _of_bus(todo, seen, delta_cost)
    amplitude = float(params.synapse.amplitude)
    # Frozen until the next write, write noise moves weights without the chip knowing; read noise
    # is fresh in every pass and drowns the kick.
    for name, noise in (
        ("write_noise", params.device.write_noise),
        ("read_noise", params.device.read_noise),
    ):
        if noise is not None:
            ratio = float(noise) / amplitude
            checks[f"{name}_over_perturbation"] = Check(
                ratio,
                {"write_noise": 30.0, "read_noise": 3.0}[name],
                f"{name.replace('_', ' ')} is {ratio:.2g}× the perturbation: the chip cannot see"
                " its own kicks",
            )
    if params.device.update_step is not None:
        ratio = float(params.device.update_step) / _typical_request(todo, delta_cost)
        checks["update_step_over_request"] = Check(
            ratio,
            10.0,
            f"one pulse is {ratio:.2g}× a typical request: writes are rare and far too large",
        )
    checks["cost_over_first"] = Check(
        growth,
        1.1,
        f"the cost ended at {growth:.2g}× its first value: writes throw the weights about faster"
        " than the chip learns",
    )
    checks |= _of_cells(todo, seen)
    if seen.saturated is not None:
        checks["saturated_adc_share"] = Check(
            seen.saturated,
            0.05,
            f"{100 * seen.saturated:.1f} % of the converters' readings are at full scale",
        )
    return checks


def _of_bus(todo: Plan, seen: Observed, delta_cost: float) -> dict[str, Check]:
    """Returns the noise of one ΔC over its mean size, by source."""
    bus, readings = todo.params.bus, _readings_factor(todo)
    full_scale = seen.delta_range if bus.delta_range is None else bus.delta_range
    noises = {
        "cost_noise": (bus.cost_noise, readings, "noise of the cost readings"),
        "cost_step": (_step(bus.cost_range, bus.cost_top), readings, "rounding of the cost"),
        "delta_step": (_step(full_scale, bus.delta_top), 1.0, "rounding of ΔC"),
        "broadcast_noise": (bus.broadcast_noise, 1.0, "noise on the wire"),
        "reception_noise": (bus.reception_noise, 1.0, "noise of the receivers"),
    }
    return {
        f"{name}_over_delta_cost": Check(
            ratio := float(noise) * factor / max(delta_cost, 1e-30),
            1.0,
            f"{words} is {ratio:.2g}× the mean |ΔC|: the chip hears noise",
        )
        for name, (noise, factor, words) in noises.items()
        if noise is not None
    }


def _step(full_scale: Leaf | float | None, top: Leaf | None) -> float | None:
    # σ of a rounding error; a converter of one bit has no step.
    if full_scale is None or top is None or float(top) == 0:
        return None
    return float(full_scale / top) / 12**0.5


def explanations(checks: dict[str, Check]) -> list[str]:
    """Returns a sentence for every check that is above its limit, the worst first."""
    bad = [check for check in checks.values() if check.value > check.limit]
    return [check.meaning for check in sorted(bad, key=lambda c: c.limit / c.value)]


def effective_rate(todo: Plan) -> float:
    """Returns η·s, what an estimate is multiplied by at the first write [w.u.²/cost]."""
    theta = jax.eval_shape(todo.design.network.initialise, jax.random.key(0))
    tau = todo.tau
    design = todo.design
    s = step_normalisation(
        design.step_normalisation, theta, tau.perturbation, tau.update, design.code.excess
    )
    return float(todo.params.synapse.learning_rate * s)


def as_dict(checks: dict[str, Check]) -> dict[str, Any]:
    """Returns the figures alone, for a summary."""
    return {name: check.value for name, check in checks.items()}


def _readings_factor(todo: Plan) -> float:
    # Two readings a timestep, averaged over a perturbation unless each timestep is broadcast.
    averaged = 1 if todo.design.broadcast == "timestep" else todo.tau.perturbation
    return (0.5 if todo.design.reference.side else 2.0) ** 0.5 / averaged**0.5


def _typical_request(todo: Plan, delta_cost: float) -> float:
    # One perturbation asks every synapse for η·s·|ΔC|/Δθ; independent ones average.
    perturbations = todo.tau.update / todo.tau.perturbation
    amplitude = float(todo.params.synapse.amplitude)
    return effective_rate(todo) * max(delta_cost, 1e-30) / amplitude / perturbations**0.5


def _of_cells(todo: Plan, seen: Observed) -> dict[str, Check]:
    device, checks = todo.params.device, {}
    if seen.at_bound is not None:
        checks["cells_at_a_bound_share"] = Check(
            seen.at_bound,
            0.3,
            f"{100 * seen.at_bound:.0f} % of the cells are at a bound of their window",
        )
    checks |= of_writes(todo, seen.writes_per_cell)
    if device.endurance_cycles is not None:
        used = seen.writes_per_cell / float(device.endurance_cycles)
        checks["endurance_used"] = Check(
            used, 1.0, f"cells were written {used:.2g}× as often as they bear"
        )
    return checks
