"""Kills, faults, corruptions, fuzz and a soak in numbers: ``python -m tests.campaign --help``.

Without numbers the short form runs. ``--only kills,faults --long`` runs some parts as long as a
release wants them; ``--jobs 16`` deals the turns of every part to so many processes, each on a
processor of its own; ``--minutes 8`` begins no turn after that.
"""

import argparse
import collections
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.campaign.share import Share

SHORT = {
    "kills": 4, "sweeps": 2, "searches": 1, "explorations": 1, "faults": 9, "pairs": 2,
    "corruptions": 5, "swept": 1, "searched": 1, "explored": 1, "fuzz": 300, "soak": 0,
}  # fmt: skip
LONG = {
    "kills": 70, "sweeps": 30, "searches": 10, "explorations": 10, "faults": 60, "pairs": 20,
    "corruptions": 200, "swept": 50, "searched": 10, "explored": 10, "fuzz": 100_000,
    "soak": 10**7,
}  # fmt: skip
_BAD = ("DIFFERENT", "wrong", "unforeseen", "slow")

Counts = dict[str, collections.Counter]


def main() -> None:
    """Runs the campaign and prints its counts; the exit status is 1 if one is wrong."""
    options, number = asked()
    # A job in the background of a shell ignores it, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-") as name:
        # Children share what is compiled.
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", f"{name}/programs")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        if options.jobs > 1:
            found = dealt(options.jobs, Path(name))
        else:
            first, of = map(int, options.share.split("/"))
            if of > 1:
                known = sorted(os.sched_getaffinity(0))
                os.sched_setaffinity(0, {known[first % len(known)]})
            until = begun + 60 * options.minutes
            found = run(number, Path(name), Share(first, of, options.seed, until))
    if options.counts:
        options.counts.write_text(json.dumps(found))
    else:
        sys.exit(tell(found, number, time.monotonic() - begun))


def asked() -> tuple[argparse.Namespace, dict[str, int]]:
    """Returns the options, and how many turns each part has."""
    reader = argparse.ArgumentParser(
        prog="python -m tests.campaign", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    reader.add_argument("--long", action="store_true", help="the counts of a release")
    reader.add_argument("--only", default="", metavar="A,B", help=f"of {', '.join(SHORT)}")
    reader.add_argument("--jobs", type=int, default=1, help="processes that share the turns")
    reader.add_argument("--minutes", type=float, default=float("inf"))
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--share", default="0/1", metavar="I/N", help="the turns of one process")
    reader.add_argument("--counts", type=Path, help="a file for the counts, in place of a text")
    for name in SHORT:
        reader.add_argument(f"--{name}", type=int, help=f"{SHORT[name]}, or long {LONG[name]:,}")
    options = reader.parse_args()
    own = {name: getattr(options, name) for name in SHORT}
    usual, only = LONG if options.long else SHORT, list(filter(None, options.only.split(",")))
    if unknown := set(only) - set(SHORT):
        reader.error(f"--only: unknown: {', '.join(sorted(unknown))}")
    if only:
        usual = {name: usual[name] * (name in only) for name in SHORT}
    elif not options.long and any(count is not None for count in own.values()):
        usual = dict.fromkeys(SHORT, 0)
    number = {n: usual[n] if count is None else count for n, count in own.items()}
    if only:
        number = {name: count * (name in only) for name, count in number.items()}
    return options, number


def dealt(jobs: int, folder: Path) -> Counts:
    """Runs the same in several processes, each with its share of the turns."""
    own = [one for one in sys.argv[1:] if not one.startswith("--jobs=")]
    if "--jobs" in own:
        place = own.index("--jobs")
        own = own[:place] + own[place + 2 :]
    files = [folder / f"counts-{job}.json" for job in range(jobs)]
    command = [sys.executable, "-m", "tests.campaign", *own]
    running = [
        subprocess.Popen([*command, "--share", f"{job}/{jobs}", "--counts", str(file)])
        for job, file in enumerate(files)
    ]
    found: Counts = collections.defaultdict(collections.Counter)
    for process, file in zip(running, files, strict=True):
        if process.wait() != 0:
            found["jobs"][f"wrong: exit {process.returncode}"] += 1
            continue
        for name, counts in json.loads(file.read_text()).items():
            found[name].update(counts)
    return found


def run(number: dict[str, int], folder: Path, share: Share) -> Counts:
    """Runs the parts that are asked for, and returns what came of the turns of each."""
    from tests.campaign.parts import PARTS

    found: Counts = {}
    for name, part in PARTS.items():
        if number[name]:
            begun = time.monotonic()
            try:
                found[name] = part(number[name], folder, share)
            except Exception as error:  # the other parts are worth more
                traceback.print_exc()
                found[name] = collections.Counter({f"wrong: {type(error).__name__}: {error}": 1})
            seconds = round(time.monotonic() - begun)
            print(f"{name} [{share.first}/{share.of}]: {seconds} s", file=sys.stderr, flush=True)
            for what in found[name]:
                if what.startswith(_BAD):
                    print(f"  {name}: {what}", flush=True)
    return found


def tell(found: Counts, number: dict[str, int], seconds: float) -> int:
    """Prints the counts, and returns whether one is wrong."""
    wrong = 0
    for name, counts in found.items():
        print(f"{name}, of {number.get(name, 0):,}")
        for what, count in sorted(counts.items()):
            print(f"  {what}: {count:,}")
            wrong += what.startswith(_BAD) * count
    print(f"{wrong} wrong, in {seconds:.0f} s", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    main()
