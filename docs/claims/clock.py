"""What the docs say of the clock and the energy, all of it exact."""

import json

from docs.claims.claim import Claim
from docs.claims.training import run
from neuromgd.sheets import library
from neuromgd.timing import load
from neuromgd.timing.targets import TARGETS, reproduce
from neuromgd.timing.writing import attempts, mean_of, slowest_of

PAGE = "docs/timing.md"
ONE_RUN = "time --platform pcm_14nm --layers 784,128,64,10 --steps 1e9"


def sheets() -> dict[str, int]:
    """Returns how many sheets ship."""
    return {kind: len(library.names(kind)) for kind in ("devices", "platforms")}


def verified() -> dict[str, float]:
    """Returns the mean pulses of a cell, and of the slowest cell of a row."""
    platform = load("memristor_130nm_verified")
    assert platform.write is not None
    verify, array = platform.write.verify, platform.array
    assert verify is not None
    chances = attempts(verify)
    return {
        "mean": verify.mean,
        "cells": array.columns,
        "row": float(mean_of(slowest_of(chances, array.columns))),
    }


def neurram() -> dict[str, float]:
    """Returns the ends of the ratios of ten precisions, as fitted and held out."""
    found = reproduce("V4")
    held = [one.ratio for one in found if one.what.endswith("held out")]
    fitted = [one.ratio for one in found if not one.what.endswith("held out")]
    return {"low": min(fitted), "high": max(fitted), "out_low": min(held), "out_high": max(held)}


def all_targets() -> dict[str, float]:
    """Returns the ratio of every comparison, by target and number, and the gap of one target."""
    each = {f"{t}_{n}": one.ratio for t in TARGETS for n, one in enumerate(reproduce(t))}
    return each | neurram() | {"gap": 100 * (each["V3_0"] - 1)}


def shared_converter() -> dict[str, float]:
    """Returns how many conversions of ``rram_32nm`` take as long as a read."""
    platform = load("rram_32nm")
    read, convert = (platform.times[name].exact() for name in ("read", "convert"))
    return {"conversions": float((read or 0) / (convert or 1))}


def one_run() -> dict[str, float]:
    """Returns the time and energy of the run that the README asks for."""
    found = json.loads(run(f"-m neuromgd {ONE_RUN} --json")[0])
    return {"hours": found["seconds"] / 3600, "kilojoules": found["joules"] / 1e3}


def registers() -> dict[str, float]:
    """Returns the ticks of a timestep with one, two and four perturbation registers.

    The closed form of a window, which the tests hold the engines to.
    """
    layer, cost, perturb, feedback = 100, 3, 1, 7
    forward, spacing = 3 * layer + cost, 2 * layer
    latency = perturb + forward + layer + feedback

    def window(held: int, count: int) -> int:
        if held * spacing <= latency:
            rounds, rest = divmod(count - 1, held)
            return latency * (rounds + 1) + spacing * rest
        return latency + (count - 1) * spacing

    count = 10**6
    return {f"d{held}": window(held, count) / count for held in (1, 2, 4)}


CLAIMS = [
    Claim(
        "registers", PAGE, "the closed form of a pipelined window", registers,
        (
            "three layers of 100 ticks, a cost of 3, a perturbation of 1 and a feedback of 7 take"
            " {d1:.0f} ticks a timestep with D = 1, {d2:.0f} with D = 2 and {d4:.0f} with D = 4.",
        ),
    ),
    Claim(
        "verified", PAGE, "neuromgd platforms show memristor_130nm_verified", verified,
        (
            "With a mean of {mean:.2f} pulses a row of {cells:.0f} cells takes {row:.1f}:",
        ),
    ),
    Claim(
        "conversions", PAGE, "neuromgd platforms show rram_32nm", shared_converter,
        ("(On `rram_32nm` {conversions:.0f} conversions take exactly as long as a read:",),
    ),
    Claim(
        "targets", PAGE, "neuromgd reproduce", all_targets,
        (
            "three kinds of hardware | {V1_0:.2f}, {V1_1:.3g}, {V1_2:.3g} |",
            "one epoch, **measured** | {V3_0:.2f} | partly; {gap:.0f} % is the gap",
            "| {low:.3f} to {high:.3f}; held out {out_low:.3f} to {out_high:.3f} |",
            "converter power (a model) | {V7_0:.3g}, {V7_1:.3f}, {V7_2:.3f} |",
            "16 to 1 ms, **measured** | {V14_0:.2f}; {V14_1:.2f} for the return leg |",
            "gate chains | {V8_0:.3g} to {V2_0:.2f}, {V8_0:.3g}, {V9_0:.3g}, {V15_0:.3g} |",
        ),
    ),
    Claim(
        "sheets", "README.md", "neuromgd devices list; neuromgd platforms list", sheets,
        ("{devices:d} sheets: show, check, plot, fit", "{platforms:d} sheets of accelerators"),
    ),
]  # fmt: skip
