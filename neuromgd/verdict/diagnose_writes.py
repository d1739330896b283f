"""What writing errs by at random: a walk, and which residue would keep it small."""

import math

from neuromgd.device.cell import is_programmed
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check
from neuromgd.verdict.remedy import Remedy
from neuromgd.verdict.write_error import half_window, nominal_step, write_error

# Trained on MNIST as docs/results.md tells, no published cell above it passed 23 %, and all that
# passed 50 % are below.
WALK_LIMIT = 0.25


# A cell that is written less often than in one window of a hundred has lost the others.
LOST_LIMIT = 0.99


def of_lost(plan: Plan, writes: float, better: Remedy | None) -> dict[str, Check]:
    """Returns the share of requests that were too small to be written, where those are lost.

    Args:
        plan: What was run.
        writes: Mean number of writes of a synapse.
        better: The residue that would err by the least.
    """
    design, device = plan.design, plan.params.device
    has_threshold = device.write_threshold is not None or device.write_threshold_pulses is not None
    # Pulses and levels are rounded at random: a small request is written now and then.
    is_exact = is_programmed(device) and nominal_step(plan) is None
    chosen = design.rows_per_write is not None or plan.params.synapse.write_share is not None
    if design.has_residue or chosen or not (has_threshold or is_exact):
        return {}
    requests = plan.windows * (plan.tau.update if design.mode.is_continuous else 1)
    lost = 1 - writes / requests
    meaning = (
        f"of {requests:,} requests {writes:.2g} were written to a cell; the others are too"
        " small, and lost"
    )
    if better is not None:
        meaning += f": {better.told} keeps them"
    return {"requests_lost_share": Check(lost, LOST_LIMIT, meaning)}


def of_writes(plan: Plan, writes: float, better: Remedy | None) -> dict[str, Check]:
    """Returns the checks of the writes; none for cells without bounds, or that err by nothing.

    Args:
        plan: What was run.
        writes: Mean number of writes of a synapse.
        better: The residue that would err by the least.
    """
    half, error = half_window(plan), _error(plan)
    if half is None or error == 0:
        return {}
    walk = error * math.sqrt(writes) / half
    meaning = (
        f"what {writes:,.0f} writes err by adds up to {walk:.2g} of half the window: weights walk"
        " at random"
    )
    if better is not None and better.total < walk / 2:
        meaning += (
            f"; {better.told} leaves {better.total:.2g} while ΔC is no louder than before it learnt"
        )
    return {"random_walk_over_window": Check(walk, WALK_LIMIT, meaning)}


def _error(plan: Plan) -> float:
    """Returns what one write errs by at random, with what is rounded where nothing is kept [w.u.].

    A request that is rounded at random errs by a whole step where it is written.
    """
    step, device = nominal_step(plan), plan.params.device
    if not plan.design.has_residue:
        return math.hypot(write_error(plan).of(1.0), step or 0.0)
    pulses = device.write_threshold_pulses
    if device.write_threshold is not None and step is not None:
        pulses = device.write_threshold / step
    return write_error(plan).of(1.0 if pulses is None else max(1.0, float(pulses)))
