"""Cost of a window against the number of synapses, from 10⁴ to 10⁷."""

import itertools
import math

import numpy as np

from benchmarks.chips import MNIST, NOISY, changed, chip_windows, ideal, parts
from benchmarks.group import Finding, Outcome, Wanted
from benchmarks.measure import Timing, Work, interleaved
from benchmarks.plain import two_passes
from neuromgd.options.config import Config
from neuromgd.plan.plan import plan

# Hidden layers of 784-…-10 -> windows in one run.
HIDDEN = {(13,): 500, (128, 64): 100, (800, 450): 10, (3000, 2600): 2}
CHIPS = {"floor": "two bare forward passes", "ideal": "ideal chip", "noisy": "noisy chip"}
SLOPE = 1.1


def synapses(hidden: tuple[int, ...]) -> int:
    """Returns the weights and biases of 784-…-10."""
    widths = (784, *hidden, 10)
    return sum((into + 1) * out for into, out in itertools.pairwise(widths))


def label(hidden: tuple[int, ...]) -> str:
    """Returns the power of ten nearest to the number of synapses."""
    return f"1e{round(math.log10(synapses(hidden)))}"


def run(wanted: Wanted) -> Outcome:
    """Measures all sizes in turn, and tells the slope of log time against log size."""
    works: dict[str, Work] = {}
    for hidden, windows in HIDDEN.items():
        for chip in CHIPS:
            name = f"{chip}-{label(hidden)}"
            if wanted.has(name):
                works[name] = _work(chip, hidden, max(1, round(windows * wanted.share)))
    timings = interleaved(works, wanted.rounds)
    what = {name: _what(name) for name in works}
    return Outcome("window", timings, _findings(timings), what)


def _work(chip: str, hidden: tuple[int, ...], windows: int) -> Work:
    config: Config = changed(NOISY if chip == "noisy" else ideal(), **MNIST)
    config = changed(config, network={"hidden": hidden})
    if chip == "floor":
        return two_passes(plan(config, parts(config)), windows)
    return chip_windows(config, windows)


def _what(name: str) -> str:
    chip, size = name.split("-")
    hidden = next(hidden for hidden in HIDDEN if label(hidden) == size)
    return f"{CHIPS[chip]}, {'-'.join(map(str, (784, *hidden, 10)))}"


def _findings(timings: dict[str, Timing]) -> list[Finding]:
    found = []
    for chip in CHIPS:
        sizes = [hidden for hidden in HIDDEN if f"{chip}-{label(hidden)}" in timings]
        if len(sizes) > 1:
            x = np.log([synapses(hidden) for hidden in sizes])
            y = np.log([timings[f"{chip}-{label(hidden)}"].median for hidden in sizes])
            slope = float(np.polyfit(x, y, 1)[0])
            bound = None if chip == "floor" else SLOPE
            found.append(Finding(f"slope of {chip} against synapses", slope, at_most=bound))
    for name, timing in timings.items():
        chip, size = name.split("-")
        if chip != "floor" and f"floor-{size}" in timings:
            found.append(Finding(f"{name} / floor", timing.over(timings[f"floor-{size}"])))
    return found
