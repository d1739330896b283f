"""What the bus adds to ΔC, and what of it is too small to be heard."""

import math

from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.typing import Leaf
from neuromgd.verdict.check import Check

SOURCES = {
    "cost_noise": "noise of the cost readings",
    "cost_step": "rounding of the cost",
    "delta_step": "rounding of ΔC",
    "broadcast_noise": "noise on the wire",
    "reception_noise": "noise of the receivers",
}


def of_bus(plan: Plan, seen: Observed, delta_cost: float, loudest: float) -> dict[str, Check]:
    """Returns the noise of one ΔC over its mean size, by source, and the share that is not heard.

    Args:
        plan: What was run.
        seen: Of the chips at the end of the run.
        delta_cost: Mean |ΔC| at the end of the run [cost].
        loudest: Mean |ΔC| of the row where it was largest [cost].
    """
    checks = {}
    for name, noise in noises(plan, seen).items():
        ratio = noise / max(delta_cost, 1e-30)
        checks[f"{name}_over_delta_cost"] = Check(
            ratio,
            1.0,
            f"{SOURCES[name]} is {ratio:.2g}× the mean |ΔC|: the chip hears noise",
        )
    threshold, why = _threshold(plan, seen)
    if loudest <= 0:
        threshold, why = math.inf, "the cost does not change when weights are kicked"
    if threshold > 0:
        # Of a normal ΔC, whose σ is √(π/2) times its mean size.
        share = math.erf(threshold / max(loudest, 1e-30) / math.sqrt(math.pi))
        checks["delta_cost_unheard_share"] = Check(
            share,
            0.99,
            f"the chip heard nothing: {why} ({100 * share:.2f} % of all ΔC)",
            is_first=True,
        )
    return checks


def noises(plan: Plan, seen: Observed) -> dict[str, float]:
    """Returns the σ that every source of noise leaves in one ΔC as it is heard [cost]."""
    bus, readings = plan.params.bus, _readings_factor(plan)
    found = {
        "cost_noise": (bus.cost_noise, readings),
        "cost_step": (_step(bus.cost_range, bus.cost_top), readings),
        "delta_step": (_step(_full_scale(plan, seen), bus.delta_top), 1.0),
        "broadcast_noise": (bus.broadcast_noise, 1.0),
        "reception_noise": (bus.reception_noise, 1.0),
    }
    return {
        name: float(noise) * factor for name, (noise, factor) in found.items() if noise is not None
    }


def total(sigmas: dict[str, float]) -> float:
    """Returns the σ of independent noises together [cost]."""
    return math.sqrt(sum(sigma**2 for sigma in sigmas.values()))


def _full_scale(plan: Plan, seen: Observed) -> Leaf | float | None:
    fixed = plan.params.bus.delta_range
    return seen.delta_range if fixed is None else fixed


def _threshold(plan: Plan, seen: Observed) -> tuple[float, str]:
    """Returns the |ΔC| below which nothing is heard [cost], and what it is."""
    bus, full_scale = plan.params.bus, _full_scale(plan, seen)
    found = [(0.0, "")]
    if bus.deadband is not None:
        found.append((float(bus.deadband), "ΔC stays within the deadband, see --bus.deadband"))
    if full_scale is not None and bus.delta_top is not None and float(bus.delta_top) > 0:
        half = float(full_scale / bus.delta_top) / 2
        found.append((half, "ΔC is under half a code of its converter, see --bus.delta-range"))
    return max(found)


def _step(full_scale: Leaf | float | None, top: Leaf | None) -> float | None:
    # σ of a rounding error; a converter of one bit has no step.
    if full_scale is None or top is None or float(top) == 0:
        return None
    return float(full_scale / top) / 12**0.5


def _readings_factor(plan: Plan) -> float:
    # Two readings a timestep, averaged over a perturbation unless each timestep is broadcast.
    if plan.params.bus.high_pass is not None:
        # One reading, less what a low-pass a of those before it has in common with them.
        share = float(plan.params.bus.high_pass) / (float(plan.params.bus.high_pass) + 1)
        return share * (2 / (1 + share)) ** 0.5
    averaged = 1 if plan.design.broadcast == "timestep" else plan.tau.perturbation
    return (0.5 if plan.design.reference.side else 2.0) ** 0.5 / averaged**0.5
