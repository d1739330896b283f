"""What passes before anything is computed: imports, compilation, and the second time."""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

from benchmarks.group import Finding, Outcome, Wanted

# A user waits for these; the second run of the same shapes finds its programs compiled.
HELP_BOUND, SECOND_BOUND = 0.3, 3.0
TASKS = ("digits", "mnist")
# Trains as the command does, and tells the time at the first row of the history.
_TRAIN = """
import sys, time
from neuromgd.cli import train
def told(row, windows):
    print("first row", time.time())
    raise SystemExit
import neuromgd.study.train as study
whole = study.train
study.train = lambda config, watch, *rest: whole(config, told, *rest)
train.main(sys.argv[1:])
"""
_IMPORT = "import time, neuromgd.study.train; print('first row', time.time())"


def run(wanted: Wanted) -> Outcome:
    """Measures processes from their start."""
    findings = []
    if wanted.has("help"):
        seconds = [_process("-m", "neuromgd.cli.main", "--help") for _ in range(wanted.rounds)]
        findings.append(Finding("neuromgd --help", float(np.median(seconds)), "s", HELP_BOUND))
    if wanted.has("import"):
        seconds = [_first_row(_IMPORT) for _ in range(wanted.rounds)]
        findings.append(Finding("import neuromgd.study.train", float(np.median(seconds)), "s"))
    for task in TASKS:
        if wanted.has(task):
            findings += _twice(task, min(wanted.rounds, 3))
    return Outcome("process", {}, findings, {})


def _twice(task: str, rounds: int) -> list[Finding]:
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as out:
        seconds = [
            _first_row(_TRAIN, "--task", task, "--out", f"{out}/{number}", cache=cache)
            for number in range(1 + rounds)
        ]
    name = f"train --task {task}: to the first row of the history"
    return [
        Finding(f"{name}, nothing compiled yet", seconds[0], "s"),
        Finding(f"{name}, the second time", float(np.median(seconds[1:])), "s", SECOND_BOUND),
    ]


def _first_row(script: str, *arguments: str, cache: str = "off") -> float:
    start = time.time()
    environment = os.environ | {"NEUROMGD_CACHE": cache}
    told = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    line = next(line for line in told.splitlines() if line.startswith("first row"))
    return float(line.split()[-1]) - start


def _process(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - start
