"""What the converters behind the arrays cut off, and what they are too coarse for."""

import math

from neuromgd.chip.mode import MODES
from neuromgd.fleet.engine import Observed
from neuromgd.plan.amplitude import STEPS
from neuromgd.plan.plan import Plan
from neuromgd.verdict.check import Check

# Readings at full scale, and steps over a kick, that chips still learn with.
SATURATED, COARSE = 0.15, 2.5 * STEPS


def of_converters(plan: Plan, seen: Observed) -> dict[str, Check]:
    """Returns the share of readings at full scale, and one step over what a kick changes."""
    if seen.saturated is None or seen.adc_within is None or seen.adc_step is None:
        return {}
    checks = {
        "saturated_adc_share": Check(
            seen.saturated,
            SATURATED,
            f"{100 * seen.saturated:.1f} % of the converters' readings are at full scale: 99 % of"
            f" those of every array would be within --array.adc-range {_up(seen.adc_within):g}",
        )
    }
    if plan.design.mode is MODES["node"] or seen.adc_step == 0:
        return checks  # no weight is kicked, or no array is driven by rows
    amplitude = float(plan.params.synapse.amplitude)
    ratio = seen.adc_step / (amplitude * plan.design.network.weight_scale)
    checks["adc_step_over_kick"] = Check(
        ratio,
        COARSE,
        f"one step of an ADC is {ratio:.2g}× what a kick changes there, so that ΔC is mostly"
        f" rounding: --amplitude {_up(amplitude * ratio / STEPS):g}, or more --array.adc-bits",
    )
    return checks


def _up(value: float) -> float:
    """Returns a number rounded up to two digits."""
    if value <= 0:
        return 0.0
    grain = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / grain - 1e-9) * grain:.2g}")
