"""What the docs say of memory cells by formula, and of chips with unequal pulses."""

import math
from functools import cache

import jax.numpy as jnp

from docs.claims.claim import Claim
from docs.claims.training import summary
from neuromgd.device.flicker import cosine_integral
from neuromgd.sheets import device, library


def share_of_signal() -> dict[str, float]:
    """Returns the share of signal in the requests of the digits chip: √(π/2)/√(1 + (P − 1)/T)."""
    synapses = (64 + 1) * 64 + (64 + 1) * 10
    return {"synapses": synapses, "share": 100 * math.sqrt(math.pi / 2 / synapses)}


def flicker() -> dict[str, float]:
    """Returns by how much less two passes a microsecond apart differ than two drawn afresh.

    σ(ΔC) goes as the root of R(0) − R(τ) against R(0), of the phase-change sheet with 1/f noise.
    """
    numbers = device.load("pcm_nandakumar2020").cell().numbers
    read, start = float(numbers["read_time"]), float(numbers["drift_reference_time"])
    apart, span = 1e-6, start + read
    whole = math.log(span / (2 * read))
    cin = lambda x: float(cosine_integral(jnp.float32(x)))
    lost = cin(math.pi * apart / read) - cin(2 * math.pi * apart / span)
    return {"times": math.sqrt(whole / min(max(lost, 0), whole))}


@cache
def asymmetries() -> dict[str, float]:
    """Returns the accuracies of chips whose pulses up and down differ by 1, 3 and 10 %."""
    return {
        f"a{int(1000 * beta)}": 100 * summary(f"--device.update-asymmetry {beta}")["accuracy"]
        for beta in (0.01, 0.03, 0.1)
    }


def toolkit_sheets() -> int:
    """Returns how many sheets state choices."""
    return sum(bool(device.load(name).sheet.choices) for name in library.names("devices"))


PAGE = "docs/devices.md"
CLAIMS = [
    Claim(
        "share", PAGE, "√(π/2)/√(1 + (P − 1)/T) at P = 4,810 and T = 1", share_of_signal,
        ("{share:.1f} % for the {synapses:,d} synapses of the digits chip",),
    ),
    Claim(
        "asymmetries", PAGE, "neuromgd train --device.update-asymmetry 0.01 (0.03, 0.1)",
        asymmetries,
        (
            "it learns at `update_asymmetry` 0.01 ({a10:.0f} %), and does not at 0.03"
            " ({a30:.0f} %) and 0.1 ({a100:.0f} %).",
        ),
        tolerance={"a10": 3, "a30": 10, "a100": 5}, minutes=1.5,
    ),
    Claim(
        "flicker", PAGE, "1 − R(τ)/R(0) at a microsecond", flicker,
        ("σ(ΔC) of the phase-change sheets is {times:.1f} times smaller",),
    ),
    Claim(
        "toolkit", PAGE, "neuromgd devices show NAME", lambda: {"sheets": toolkit_sheets()},
        (
            "The {sheets:d} sheets read in one toolkit state its choices; single cells of nine"
            " follow its update rules, pulse by pulse, to 0.3 % of the window in the mean and 2 %"
            " in the spread.",
        ),
    ),
]  # fmt: skip
