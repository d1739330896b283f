"""A recurrent network over 100 times, 32 samples a window, against its own two forward passes."""

from functools import partial

from benchmarks.chips import chip_windows, ideal, parts
from benchmarks.group import Case, Outcome, Wanted, take_turns
from benchmarks.plain import two_passes
from neuromgd.plan.plan import plan

LONG = {"task": "adding", "length": 100, "chips": 1, "batch": 32}


def run(wanted: Wanted) -> Outcome:
    """Measures the cases."""
    config = ideal(**LONG, network={"model": "rnn"})
    floor = lambda windows: two_passes(plan(config, parts(config)), windows)
    cases = {
        "floor": Case("two bare forward passes of 100 times", floor, 20),
        "held": Case("held perturbation, ideal chip", partial(chip_windows, config), 20, 2.0),
    }
    return take_turns(wanted, "window", cases, ())
