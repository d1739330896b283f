"""Why a chip learns or does not: the ratios that decide it, and a plain sentence for a bad one."""

from typing import Any

import numpy as np

from neuromgd.chip.mode import MODES
from neuromgd.device.params import given
from neuromgd.device.zero_shift import symmetry_point
from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check
from neuromgd.verdict.diagnose_bus import of_bus
from neuromgd.verdict.diagnose_converters import of_converters
from neuromgd.verdict.diagnose_pull import first_weights, of_pull
from neuromgd.verdict.diagnose_writes import of_writes
from neuromgd.verdict.remedy import remedy
from neuromgd.verdict.requests import typical_request
from neuromgd.verdict.row import Row


def diagnose(plan: Plan, seen: Observed, rows: list[Row]) -> dict[str, Check]:
    """Returns the checks that apply to a run, by name.

    Args:
        plan: What was run.
        seen: Of the chips at the end of the run.
        rows: The history of the run.
    """
    delta_costs = [row.delta_cost for row in rows]
    end, mean = rows[-1], float(np.mean(delta_costs))
    checks = of_bus(plan, seen, end.delta_cost, max(delta_costs))
    checks |= _of_kicks(plan)
    checks |= _of_requests(plan, end.delta_cost)
    if rows[0].cost > 0:  # a cost of zero or less has no ratio
        growth = end.cost / rows[0].cost
        checks["cost_over_first"] = Check(
            growth,
            1.1,
            f"the cost ended at {growth:.2g}× its first value: writes throw the weights about"
            " faster than the chip learns",
        )
    checks |= _of_cells(plan, seen, mean)
    return checks | of_converters(plan, seen)


def explanations(checks: dict[str, Check]) -> list[str]:
    """Returns a sentence for every check that is above its limit, the worst first."""
    bad = [check for check in checks.values() if check.value > check.limit]
    order = sorted(bad, key=lambda check: (not check.is_first, check.limit / check.value))
    return [check.meaning for check in order]


def as_dict(checks: dict[str, Check]) -> dict[str, Any]:
    """Returns the figures alone, for a summary."""
    return {name: check.value for name, check in checks.items()}


def _of_kicks(plan: Plan) -> dict[str, Check]:
    """Returns the noises of the weights over the perturbation."""
    checks, amplitude = {}, float(plan.params.synapse.amplitude)
    if plan.design.mode is MODES["node"]:
        return checks  # no weight is kicked
    # Frozen until the next write, write noise moves weights without the chip knowing; read noise
    # is fresh in every pass and drowns the kick.
    for name, noise in (
        ("write_noise", plan.params.device.write_noise),
        ("read_noise", plan.params.device.read_noise),
    ):
        if noise is not None:
            ratio = float(noise) / amplitude
            checks[f"{name}_over_perturbation"] = Check(
                ratio,
                {"write_noise": 30.0, "read_noise": 3.0}[name],
                f"{name.replace('_', ' ')} is {ratio:.2g}× the perturbation: the chip cannot see"
                " its own kicks",
            )
    return checks


def _of_requests(plan: Plan, delta_cost: float) -> dict[str, Check]:
    """Returns one pulse over a typical request; none if that is not known, or a residue waits."""
    step, request = plan.params.device.update_step, typical_request(plan, delta_cost)
    if step is None or not request or plan.design.has_residue:
        return {}
    ratio = float(step) / request
    meaning = f"one pulse is {ratio:.2g}× a typical request: writes are rare and far too large"
    return {"update_step_over_request": Check(ratio, 10.0, meaning)}


def _of_cells(plan: Plan, seen: Observed, delta_cost: float) -> dict[str, Check]:
    device, checks = plan.params.device, {}
    if seen.writes == 0:
        checks["unwritten_share"] = Check(
            1.0,
            0.999,
            "no cell was ever written: no ΔC came, or every request was too small for a pulse",
            is_first=True,
        )
    if seen.at_bound is not None:
        checks["cells_at_a_bound_share"] = Check(
            seen.at_bound,
            0.3,
            f"{100 * seen.at_bound:.0f} % of the cells are at a bound of their window",
        )
    if device.weight_min is not None and device.weight_max is not None:
        first = first_weights(plan)
        checks |= _of_first_weights(plan, first)
        better = remedy(plan, delta_cost, first)
        checks |= of_writes(plan, seen.writes_per_cell, better)
        checks |= of_pull(plan, seen, delta_cost, first, better)
    if device.endurance_cycles is not None:
        used = (seen.writes_per_cell + seen.tester_pulses) / float(device.endurance_cycles)
        checks["endurance_used"] = Check(
            used, 1.0, f"cells were written {used:.2g}× as often as they bear"
        )
    return checks


def _of_first_weights(plan: Plan, first: np.ndarray) -> dict[str, Check]:
    """Returns the share of first weights that the window of the cells cut off."""
    device = plan.params.device
    low, high = float(given(device.weight_min)), float(given(device.weight_max))
    if plan.design.is_pair:
        low, high = (low - high) / 2, (high - low) / 2
    else:
        at_zero = symmetry_point(plan.design.law, device, is_pair=False)
        low, high = low - at_zero, high - at_zero
    share = float(((first < low) | (first > high)).mean())
    meaning = (
        f"{100 * share:.0f} % of the first weights are outside the window and were cut off: let a"
        " weight unit stand for more, see --network.weight-scale"
    )
    return {"first_weights_outside_share": Check(share, 0.05, meaning)}
