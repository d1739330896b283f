"""Runs of ``neuromgd train``, each once however many claims rest on it."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from docs.claims.claim import Claim
from docs.claims.page import ROOT

# The command line of this checkout, not of what may be installed.
_MAIN = "__import__('neuromgd.cli.main').cli.main.main()"


def environment() -> dict[str, str]:
    """Returns the environment in which the code of this checkout runs."""
    return os.environ | {"PYTHONPATH": str(ROOT)}


@cache
def run(command: str) -> tuple[str, float]:
    """Returns what a command of Python's prints, and how long it takes on free cores [minutes].

    Where other work keeps it waiting, that is at most the time for which it has a core.
    """
    start, before = time.perf_counter(), _worked()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, *command.replace("OUT", folder).split()], cwd=ROOT, check=True,
            env=environment(), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    return done.stdout, min(time.perf_counter() - start, _worked() - before) / 60


def _worked() -> float:
    """Returns the processor time of all commands that have ended [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@cache
def told(verb: str, options: str) -> dict[str, Any]:
    """Returns the summary of a command of ``neuromgd`` with options, and its minutes."""
    text, minutes = run(f"-c {_MAIN} {verb} --json --out OUT/run {options}")
    return json.loads(text) | {"minutes": minutes}


def summary(options: str) -> dict[str, Any]:
    """Returns the summary of ``neuromgd train`` with options."""
    return told("train", options)


def points(options: str) -> list[dict[str, Any]]:
    """Returns the points of ``neuromgd sweep`` with options."""
    return told("sweep", options)["points"]


def accuracy(options: str) -> Callable[[], dict[str, Any]]:
    """Returns a function that gives the figures of one run, percentages and minutes."""

    def measure() -> dict[str, Any]:
        told = summary(options)
        return told | {
            "accuracy": 100 * told["accuracy"],
            "spread": 100 * told["accuracy_std"],
            "solved": 100 * told.get("solved_share", 0),
            "median": told.get("solved_median_step") or 0,
            "noise": 100 * (told["delta_cost_noise"] or 0) / told["delta_cost"],
        }

    return measure


def solved(options: str) -> Callable[[], dict[str, Any]]:
    """Returns a function that gives share and median timestep of every point of a sweep."""

    def measure() -> dict[str, Any]:
        told: dict[str, Any] = {}
        for place, point in enumerate(points(options)):
            told[f"share_{place}"] = 100 * point["solved_share"]
            told[f"after_{place}"] = point["solved_median_step"] or 0
        return told

    return measure


PAGE = "docs/results.md"
# Of 64 chips, two standard errors of a share.
OF_POINTS = {f"share_{place}": 10 for place in range(4)} | {
    f"after_{place}": 5_000 for place in range(4)
}
# Of a mean over chips: the standard deviation that stands beside it, and twice its own for that.
OVER_CHIPS = {"accuracy": "spread", "spread": 1.0}

CLAIMS = [
    Claim(
        "digits", PAGE, "neuromgd train", accuracy(""),
        (
            "and 10 % amplitude spread: **{accuracy:.1f} ± {spread:.1f} %** after {windows:,d}"
            " windows of 128 samples",
        ),
        OVER_CHIPS, minutes=0.5,
    ),
    Claim(
        "mnist-ideal", PAGE, "neuromgd train --task mnist --ideal --batch 128 …",
        accuracy("--task mnist --ideal --batch 128 --windows 46332 --chips 2"),
        ("--chips 2` | **{accuracy:.1f} ± {spread:.1f} %** |",),
        {"accuracy": 0.5, "spread": 0.5}, minutes=1,
    ),
    Claim(
        "mnist-noisy", PAGE, "neuromgd train --task mnist --ideal … --bus.cost-noise 1e-4",
        accuracy(
            "--task mnist --ideal --batch 128 --windows 46332 --chips 2 --bus.cost-noise 1e-4"
            " --bus.delta-bits 8"
        ),
        (
            "in a ΔC, {noise:.1f} % of its mean size",
            "--bus.delta-bits 8` | **{accuracy:.1f} ± {spread:.1f} %** |",
        ),
        {"accuracy": 0.5, "spread": 0.5, "noise": 0.6}, minutes=1,
    ),
    Claim(
        "mnist-default", PAGE, "neuromgd train --task mnist --chips 2",
        accuracy("--task mnist --chips 2"),
        (
            "{noise:.0f} % of the mean size of a ΔC",
            "`neuromgd train --task mnist --chips 2` | {accuracy:.1f} ± {spread:.1f} % |",
        ),
        {"accuracy": 1.0, "spread": 1.0, "noise": 6}, minutes=3,
    ),
    *(
        Claim(
            name, PAGE, f"neuromgd train {options}", accuracy(options),
            (f"`neuromgd train {options}` | {{accuracy:.1f}} ± {{spread:.1f}} % |",),
            {"accuracy": 2.0, "spread": 2.0}, minutes=1,
        )
        for name, options in (
            ("yinyang-node", "--task yinyang --ideal --learning.mode node --learning.rule adam"
             " --learning.rate 2e-2 --batch 64 --windows 50000 --chips 4"),
            ("delayed-parity", "--task delayed_parity --ideal --learning.rule adam"
             " --learning.rate 2e-3 --windows 10000 --chips 4"),
            ("spiking", "--task circles --ideal --model spiking --hidden 32 --learning.rate 0.1"
             " --windows 10000 --chips 4"),
            ("linear", "--task circles --ideal --hidden , --windows 10000 --chips 4"),
        )
    ),
    *(
        Claim(
            name, PAGE, f"neuromgd train {options}", accuracy(options),
            (f"`neuromgd train {options}` | {figures} |",),
            {"solved": 10, "median": 60_000, "accuracy": 2.0, "spread": 2.0}, minutes=1,
        )
        for name, options, figures in (
            ("parity-ideal", "--task parity --ideal --chips 100",
             "{solved:.0f} % | {median:,.0f} | {accuracy:.1f} %"),
            ("parity", "--task parity --chips 100",
             "{solved:.0f} % | {median:,.0f} | {accuracy:.1f} %"),
            ("nist7x7-ideal", "--task nist7x7 --ideal --chips 16",
             "{solved:.0f} % | {median:,.0f} | {accuracy:.1f} ± {spread:.1f} %"),
            ("nist7x7", "--task nist7x7 --chips 16",
             "{solved:.0f} % | {median:,.0f} | {accuracy:.1f} ± {spread:.1f} %"),
            ("yinyang", "--task yinyang --chips 8", "| | {accuracy:.1f} ± {spread:.1f} %"),
        )
    ),
    *(
        Claim(
            name, PAGE, f"neuromgd sweep {options}", solved(options),
            (f"`neuromgd sweep {options}` | " + " | ".join(
                f"{{share_{place}:.0f}} %" + f", {{after_{place}:,.0f}}" * (place < timed)
                for place in range(4)
            ) + " |",),
            OF_POINTS, minutes=1,
        )
        for name, timed, options in (
            ("solve-cost", 3,
             "--task parity --ideal --chips 64 --over bus.cost_noise=0,1e-3,3e-3,1e-2"),
            ("solve-defects", 4,
             "--task parity --ideal --chips 64 --over array.activation_defects=0,0.05,0.1,0.2"),
            ("solve-update", 4,
             "--task parity --ideal --chips 64 --device.law ideal"
             " --over device.update_noise=0,1e-4,3e-4,1e-3"),
            ("solve-nist-cost", 4,
             "--task nist7x7 --ideal --chips 16 --over bus.cost_noise=0,3e-4,1e-3,3e-3"),
            ("solve-nist-defects", 4,
             "--task nist7x7 --ideal --chips 16 --over array.activation_defects=0,0.05,0.1,0.2"),
            ("solve-nist-update", 4,
             "--task nist7x7 --ideal --chips 16 --device.law ideal"
             " --over device.update_noise=0,1e-4,3e-4,1e-3"),
        )
    ),
]  # fmt: skip
