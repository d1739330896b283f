"""Kills, faults, corruptions and fuzz in numbers: ``python -m tests.campaign --help``."""

import argparse
import collections
import os
import random
import tempfile
import time
from pathlib import Path

SHORT = {
    "kills": 4, "sweeps": 2, "searches": 1, "faults": 9, "pairs": 2,
    "corruptions": 5, "swept": 1, "fuzz": 300, "soak": 0,
}  # fmt: skip
LONG = {
    "kills": 70, "sweeps": 30, "searches": 10, "faults": 60, "pairs": 20,
    "corruptions": 200, "swept": 50, "fuzz": 100_000, "soak": 10**7,
}  # fmt: skip


def main() -> None:
    """Runs the campaign and prints its counts; a failure is an assertion."""
    reader = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    reader.add_argument("--long", action="store_true", help="the counts of a release")
    reader.add_argument("--seed", type=int, default=0)
    for name in SHORT:
        reader.add_argument(f"--{name}", type=int, help=f"{SHORT[name]}, or long {LONG[name]:,}")
    options = reader.parse_args()
    asked = {name: getattr(options, name) for name in SHORT}
    usual = LONG if options.long else SHORT
    if not options.long and any(count is not None for count in asked.values()):
        usual = dict.fromkeys(SHORT, 0)
    number = {n: usual[n] if count is None else count for n, count in asked.items()}
    with tempfile.TemporaryDirectory(prefix="campaign-") as name:
        # Children share what is compiled.
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", f"{name}/programs")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        run(number, Path(name), random.Random(options.seed))


def run(number: dict[str, int], folder: Path, draw: random.Random) -> None:
    """Runs the parts that are asked for."""
    from tests.campaign.corruptions import corrupted, corrupted_sweep
    from tests.campaign.faults import faulty, pairs
    from tests.campaign.fuzz import fuzzed
    from tests.campaign.kills import killed
    from tests.campaign.soak import soaked

    parts = {
        "kills": lambda n: killed("train", n, folder, draw),
        "sweeps": lambda n: killed("sweep", n, folder, draw),
        "searches": lambda n: killed("tolerate", n, folder, draw),
        "faults": lambda n: faulty(n, folder, draw),
        "pairs": lambda n: pairs(n, folder),
        "corruptions": lambda n: corrupted(n, folder, draw),
        "swept": lambda n: corrupted_sweep(n, folder, draw),
        "fuzz": lambda n: fuzzed(n, folder, draw),
        "soak": lambda n: soaked(n, folder),
    }
    wrong = 0
    for name, part in parts.items():
        if number[name]:
            begun = time.monotonic()
            counts: collections.Counter = part(number[name])
            print(f"{name} {number[name]:,} in {time.monotonic() - begun:.0f} s", flush=True)
            for what, count in sorted(counts.items()):
                print(f"  {what}: {count:,}", flush=True)
                wrong += what.startswith(("DIFFERENT", "wrong", "unforeseen", "slow")) * count
    assert not wrong, f"{wrong} are wrong"


if __name__ == "__main__":
    main()
