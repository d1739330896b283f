"""Why a chip learns or does not: the ratios that decide it, and a plain sentence for a bad one."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from neuromgd.chip.mode import MODES
from neuromgd.chip.two_cells import worth
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams, given
from neuromgd.device.zero_shift import symmetry_point
from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check
from neuromgd.verdict.diagnose_bus import of_bus
from neuromgd.verdict.diagnose_converters import of_converters
from neuromgd.verdict.diagnose_pull import of_pull
from neuromgd.verdict.diagnose_writes import of_lost, of_writes
from neuromgd.verdict.remedy import remedy
from neuromgd.verdict.requests import sound_delta_cost, typical_request
from neuromgd.verdict.row import Row, column
from neuromgd.verdict.technologies import View, views, worst


def diagnose(plan: Plan, seen: Observed, rows: Sequence[Row]) -> dict[str, Check]:
    """Returns the checks that apply to a run, by name.

    Args:
        plan: What was run.
        seen: Of the chips at the end of the run.
        rows: The history of the run.
    """
    delta_costs = column(rows, "delta_cost").tolist()
    end, mean = rows[-1], float(np.mean(delta_costs))
    checks = of_bus(plan, seen, end.delta_cost, max(delta_costs))
    each = views(plan, seen)
    checks |= worst((one.where, _of_kicks(one.plan)) for one in each)
    checks |= worst((one.where, _of_requests(one.plan, end.delta_cost)) for one in each)
    if rows[0].cost > 0:  # a cost of zero or less has no ratio
        growth = end.cost / rows[0].cost
        checks["cost_over_first"] = Check(
            growth,
            1.1,
            f"the cost ended at {growth:.2g}× its first value: writes throw the weights about"
            " faster than the chip learns",
        )
    sound = sound_delta_cost(plan, seen.delta_range, delta_costs)
    checks |= worst((one.where, _of_cells(one, mean, sound)) for one in each)
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
    for name in ("write_noise", "read_noise"):
        noise = _of_weight(plan, name)
        if noise is not None:
            ratio = noise / amplitude
            checks[f"{name}_over_perturbation"] = Check(
                ratio,
                {"write_noise": 30.0, "read_noise": 3.0}[name],
                f"{name.replace('_', ' ')} is {ratio:.2g}× the perturbation: the chip cannot see"
                " its own kicks",
            )
    return checks


def _of_weight(plan: Plan, name: str) -> float | None:
    """Returns the σ of a noise of all cells behind a weight [w.u.]; None: there is none."""
    fast, transfer = getattr(plan.params.device, name), plan.params.transfer
    if transfer is None:
        return None if fast is None else float(fast)
    slow = getattr(transfer.device, name)
    if fast is None and slow is None:
        return None
    return math.hypot(float(fast or 0) * float(transfer.gain), float(slow or 0))


def _of_requests(plan: Plan, delta_cost: float) -> dict[str, Check]:
    """Returns one pulse over a typical request; none if that is not known, or a residue waits."""
    step, request = plan.params.device.update_step, typical_request(plan, delta_cost)
    if step is None or not request or plan.design.has_residue:
        return {}
    # A fast cell is asked for what the weight is to change by, over what it counts in it.
    transfer = plan.params.transfer
    ratio = float(step) * (1.0 if transfer is None else float(worth(transfer))) / request
    meaning = f"one pulse is {ratio:.2g}× a typical request: writes are rare and far too large"
    return {"update_step_over_request": Check(ratio, 10.0, meaning)}


def _of_cells(view: View, delta_cost: float, sound: float) -> dict[str, Check]:
    _, plan, seen, first = view
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
    if plan.params.transfer is not None:
        # Fast cells are cleared before they walk far; the slow ones hold what is learnt.
        return checks | _of_slow_cells(view)
    if device.weight_min is not None and device.weight_max is not None:
        checks |= _of_first_weights(device, plan.design.law, plan.design.is_pair, first)
        better = remedy(plan, sound, first)
        checks |= of_writes(plan, seen.writes_per_cell, better)
        if seen.writes:
            checks |= of_lost(plan, seen.writes_per_cell, better)
        checks |= of_pull(plan, seen, delta_cost, first, better)
    return checks | _of_endurance(device, seen.writes_per_cell + seen.tester_pulses)


def _of_endurance(device: DeviceParams, writes: float, which: str = "") -> dict[str, Check]:
    """Returns the writes of a cell over those that it bears; none where nobody says how many."""
    if device.endurance_cycles is None:
        return {}
    used = writes / float(device.endurance_cycles)
    meaning = f"{which}cells were written {used:.2g}× as often as they bear"
    return {f"{which.replace(' ', '_')}endurance_used": Check(used, 1.0, meaning)}


def _of_slow_cells(view: View) -> dict[str, Check]:
    _, plan, seen, first = view
    transfer, design = plan.params.transfer, plan.design.transfer
    assert transfer is not None
    assert design is not None
    checks = _of_endurance(plan.params.device, seen.writes_per_cell + seen.tester_pulses)
    checks |= _of_endurance(transfer.device, seen.slow_writes_per_cell or 0.0, "slow ")
    device = transfer.device
    if device.weight_min is None or device.weight_max is None:
        return checks
    return checks | _of_first_weights(device, design.law, design.is_pair, first)


def _of_first_weights(
    device: DeviceParams, law: Law, is_pair: bool, first: np.ndarray
) -> dict[str, Check]:
    """Returns the share of first weights that the window of the cells cut off."""
    low, high = float(given(device.weight_min)), float(given(device.weight_max))
    if is_pair:
        low, high = (low - high) / 2, (high - low) / 2
    else:
        at_zero = symmetry_point(law, device, is_pair=False)
        low, high = low - at_zero, high - at_zero
    share = float(((first < low) | (first > high)).mean())
    meaning = (
        f"{100 * share:.0f} % of the first weights are outside the window and were cut off: let a"
        " weight unit stand for more, see --network.weight-scale"
    )
    return {"first_weights_outside_share": Check(share, 0.05, meaning)}
