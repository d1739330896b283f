"""Many chips in one program against one chip alone: 8 noise levels × 64 chips."""

from benchmarks.chips import MNIST, NOISY, changed, chip_windows
from benchmarks.group import Case, Comparison, Finding, Outcome, Wanted, take_turns

CHIPS = 64
OVER = ("device.cycle_noise=0,0.02,0.05,0.1,0.2,0.3,0.4,0.5",)


def run(wanted: Wanted) -> Outcome:
    """Measures the window of one chip, among the 512 of a sweep and alone."""
    one_large, one_small = changed(NOISY, **MNIST), changed(NOISY, task="parity", chips=1)
    cases = {
        "one": Case("784-128-64-10, alone", lambda n: chip_windows(one_large, n), 100),
        "many": Case(
            f"784-128-64-10, 8 noise levels × {CHIPS} chips",
            lambda n: chip_windows(changed(one_large, chips=CHIPS), n, OVER), 10,
        ),
        "one-parity": Case("2-2-1, alone", lambda n: chip_windows(one_small, n), 2000),
        "many-parity": Case(
            f"2-2-1, 8 noise levels × {CHIPS} chips",
            lambda n: chip_windows(changed(one_small, chips=CHIPS), n, OVER), 500,
        ),
    }  # fmt: skip
    pairs = (Comparison("many", "one"), Comparison("many-parity", "one-parity"))
    outcome = take_turns(wanted, "window of a chip", cases, pairs)
    bounds = {"many / one": 1.0, "many-parity / one-parity": 1 / 20}
    unique = {finding.name: finding for finding in outcome.findings}
    kept = [
        Finding(name, unique[name].value, at_most=bound)
        for name, bound in bounds.items()
        if name in unique
    ]
    return outcome._replace(findings=kept)
