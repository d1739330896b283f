"""What the README says to expect of its commands."""

from functools import cache

from docs.claims.claim import Claim
from docs.claims.clock import ONE_RUN, one_run
from docs.claims.training import points, summary

PAGE = "README.md"
# Minutes are an order of magnitude: they are those of two free cores.
MINUTES = 5.0
DIGITS = {
    "device": "--task digits --device ecram_mo_kim2019",
    "step": "--task digits --device.update-step 0.02",
    "platform": "--task digits --platform pcm_14nm",
    "backprop": "--task digits --baseline backprop",
}
MNIST = {"ideal": "--task mnist --ideal --chips 2", "default": "--task mnist --chips 2"}


def _expected(commands: dict[str, str]) -> dict[str, float]:
    values = {}
    for name, options in commands.items():
        told = summary(options)
        values |= {name: 100 * told["accuracy"], f"{name}_min": max(told["minutes"], 0.5)}
    return values


@cache
def digits() -> dict[str, float]:
    """Returns accuracies and minutes of the commands on digits."""
    writes = points("--over device.write_noise=0,0.01,0.1")
    swept = {f"sweep{n}": 100 * point["accuracy"] for n, point in enumerate(writes)}
    return _expected(DIGITS) | swept


@cache
def mnist() -> dict[str, float]:
    """Returns accuracies and minutes of the commands on MNIST."""
    return _expected(MNIST)


def _says(name: str, options: str, what: str) -> str:
    return f"neuromgd train {options} # {what}{{{name}:.0f}} %, {{{name}_min:.0f}} min"


CLAIMS = [
    Claim(
        "readme-digits", PAGE, "neuromgd train --task digits …", digits,
        (
            _says("device", DIGITS["device"], "a published technology: "),
            _says("step", DIGITS["step"], "cells with 100 levels: "),
            _says("platform", DIGITS["platform"], "… on hardware: "),
            _says("backprop", DIGITS["backprop"], "what backpropagation reaches: "),
            "# a grid in one program: {sweep0:.0f}, {sweep1:.0f}, {sweep2:.0f} %, 3 min",
        ),
        {
            **{name: 2.0 for name in ("platform", "backprop", "sweep0", "sweep1")},
            "device": 6.0, "step": 5.0, "sweep2": 5.0,
            **{f"{name}_min": MINUTES for name in DIGITS},
        },
        minutes=5,
    ),
    Claim(
        "readme-mnist", PAGE, "neuromgd train --task mnist …", mnist,
        (
            _says("ideal", MNIST["ideal"], "no non-ideality: "),
            _says("default", MNIST["default"], "the default chip: "),
        ),
        {"ideal": 0.5, "default": 1.0, "ideal_min": MINUTES, "default_min": MINUTES},
        minutes=5,
    ),
    Claim(
        "one-run", PAGE, f"neuromgd {ONE_RUN}",
        one_run, ("# {hours:.1f} hours, {kilojoules:.2f} kJ, exactly",),
    ),
]  # fmt: skip
