"""What passes before anything is computed: imports, compilation, and the second time."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

from benchmarks.group import Finding, Outcome, Wanted

# A user waits for these; the second run of the same shapes finds its programs compiled.
HELP_BOUND, SECOND_BOUND = 0.3, 3.0
TASKS = ("digits", "mnist")
# The command itself; tells the time when the first windows begin, and at the first row.
_TRAIN = """
import time
from neuromgd.cli import main
def watched():
    import neuromgd.fleet.engines.simulated as engine, neuromgd.study.train as study
    def begin(*arguments):
        program = advance.lower(*arguments).compile()
        print("begins", time.time(), time.process_time())
        return program(*arguments[4:10])
    def end(row, windows):
        print("row", time.time(), flush=True)
        raise SystemExit
    advance, whole = engine.advance, study.train
    engine.advance = begin
    study.train = lambda config, watch, **rest: whole(config, end, **rest)
import neuromgd.cli.train as command
show = command.show
command.show = lambda *a, **k: (watched(), show(*a, **k))
main.main()
"""
_HELP = "from neuromgd.cli.main import main; main()"
_IMPORT = "import time, neuromgd.study.train; print('begins', time.time())"


def run(wanted: Wanted) -> Outcome:
    """Measures processes from their start."""
    rounds, findings = wanted.rounds, []
    if wanted.has("help"):
        seconds = _median(_HELP, "--help", rounds=rounds)["end"]
        findings.append(Finding("neuromgd --help", seconds, "s", HELP_BOUND))
    if wanted.has("import"):
        seconds = _median(_IMPORT, rounds=rounds)["begins"]
        findings.append(Finding("import neuromgd.study.train", seconds, "s"))
    for task in TASKS:
        if wanted.has(task):
            findings += _twice(task, rounds)
    return Outcome("process", {}, findings, {})


def _twice(task: str, rounds: int) -> list[Finding]:
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as out:
        arguments = ("train", "--task", task, "--out", f"{out}/run")
        first = _median(_TRAIN, *arguments, rounds=1, cache=cache)
        again = _median(_TRAIN, *arguments, rounds=rounds, cache=cache)
    name = f"train --task {task}"
    return [
        Finding(f"{name}, nothing compiled yet: windows begin", first["begins"], "s"),
        Finding(f"{name}, again: windows begin", again["begins"], "s", SECOND_BOUND),
        Finding(f"{name}, again: its processor time until then", again["computed"], "s"),
        Finding(f"{name}, again: first row of the history", again["row"], "s"),
    ]


def _median(script: str, *arguments: str, rounds: int, cache: str = "off") -> dict[str, float]:
    """Returns the median seconds from the start of a process to what it tells, and to its end."""
    told = [_process(script, *arguments, cache=cache) for _ in range(rounds)]
    return {name: float(np.median([one[name] for one in told])) for name in told[0]}


def _process(script: str, *arguments: str, cache: str) -> dict[str, float]:
    if "--out" in arguments:
        shutil.rmtree(arguments[-1], ignore_errors=True)
    start = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"NEUROMGD_CACHE": cache}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    end = time.time()
    told = {}
    marks = (line for line in done.stdout.splitlines() if line.startswith(("begins ", "row ")))
    for name, moment, *computed in map(str.split, marks):
        told[name] = float(moment) - start
        if computed:
            told["computed"] = float(computed[0])
    return told | {"end": end - start}
