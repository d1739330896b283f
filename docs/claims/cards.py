"""What the default chip bears on MNIST: a tolerance card in three commands."""

from collections.abc import Callable
from typing import Any

from docs.claims.claim import Claim
from docs.claims.training import told

PAGE = "docs/results.md"
ON = (
    "--target 0.6 --task mnist --synapse.code product --tau-perturbation 1 --tau-update 128"
    " --windows 1000 --log-every 1000"
)
NUMBERS = (
    "bus.cost_noise=log:1e-4:1 device.update_noise=log:1e-4:1 bus.delta_bits=lin:8:1"
    " device.update_step=log:1e-4:1 device.update_asymmetry=log:1e-3:1"
    f" device.read_noise=log:1e-4:1 array.adc_bits=lin:10:2 {ON} --chips 4 --rounds 2 --places 4"
)
DELAY = f"bus.delay=log:1:4096 {ON} --chips 4 --rounds 1 --places 3"
DROPS = f"bus.drop_rate=log:1e-2:1 {ON} --hidden 16 --chips 2 --rounds 2 --places 4"


def card(options: str) -> Callable[[], dict[str, Any]]:
    """Returns a function that gives the figures of a card, each by the name of its number."""

    def measure() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for row in told("tolerate", options)["card"]:
            name = row["number"].rpartition(".")[2]
            found |= {f"{name}_{key}": row[key] for key in ("tolerable", "low", "high")}
        return found

    return measure


def row(name: str, today: str, form: str) -> str:
    """Returns a line of the table with places for its figures."""
    own = name.rpartition(".")[2]
    places = (f"{{{own}_{what}:{form}}}" for what in ("tolerable", "low", "high"))
    return f"| `{name}` | {today} | " + "{} | {} to {} |".format(*places)


def room(**halves: float) -> dict[str, float]:
    """Returns how far the figures of a number may be off: about half of their interval."""
    return {f"{name}_{what}": half for name, half in halves.items()
            for what in ("tolerable", "low", "high")}  # fmt: skip


CLAIMS = [
    Claim(
        "card", PAGE, f"neuromgd tolerate {NUMBERS}", card(NUMBERS),
        (
            row("bus.cost_noise", "0.001 cost", ".4f"),
            row("device.update_noise", "10⁻⁴ w.u.", ".4f"),
            row("bus.delta_bits", "8 bit", ".0f"), row("device.update_step", "0.001 w.u.", ".4f"),
            row("device.update_asymmetry", "none", ".4f"), row("device.read_noise", "none", ".5f"),
            row("array.adc_bits", "none", ".0f"),
        ),
        room(cost_noise=0.002, update_noise=0.002, delta_bits=1, update_step=0.004,
             update_asymmetry=0.0025, read_noise=0.0003, adc_bits=1), minutes=20,
    ),
    Claim(
        "card-delay", PAGE, f"neuromgd tolerate {DELAY}", card(DELAY),
        ("| `bus.delay` | 0 | all that was tried, to 4,096 timesteps | from {delay_low:,.0f} |",),
        minutes=20,
    ),
    Claim(
        "card-drops", PAGE, f"neuromgd tolerate {DROPS}", card(DROPS),
        (row("bus.drop_rate", "0", ".2f"),), room(drop_rate=0.15), minutes=10,
    ),
]  # fmt: skip
