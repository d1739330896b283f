"""What the clock costs: a whole page of a deep network, and runs of any length with any option."""

import time
from collections.abc import Callable

from benchmarks.group import Finding, Outcome, Wanted
from neuromgd.timing import SCHEDULES, Schedule, Workload, load, time_run
from neuromgd.timing.facts import as_dict

PAGE_BOUND, LENGTH_BOUND = 1.0, 3.0
SHEET, DEEP, FLAT = "rram_32nm", (64,) * 501, (784, 128, 64, 10)

# Lengths of a run and of its window that cost alike.
SHORT, LONG = (10**6, 10**3), (10**15, 10**7)

# Schedule, and what else is asked for.
OPTIONS = {
    **{name: (Schedule(name), {}) for name in SCHEDULES},
    "block": (Schedule("two_pass"), {"pass_order": "block", "tau_perturbation": 10}),
    "broadcast": (Schedule("reuse"), {"broadcast": "timestep", "tau_perturbation": 10}),
    "samples": (Schedule("prefetch"), {"tau_sample": 500}),
    "registers": (Schedule("pipelined", 10**6), {}),
    "behind": (Schedule("pipelined", 4, "behind"), {}),
    "rows": (Schedule("two_pass"), {"rows_per_write": 4, "write_share": 0.5}),
    "transfer": (Schedule("two_pass"), {"transfer_every": 10}),
    "chips": (Schedule("lockstep"), {"chips": 4096}),
    "replicas": (Schedule("inference"), {"replicas": 16}),
}


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Returns the least time of this process that a piece of work took [s]."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def run(wanted: Wanted) -> Outcome:
    """Measures pages of 500 layers by every schedule, and longer runs by every option."""
    sheet, rounds = load(SHEET), max(2, wanted.rounds // 3)
    findings = []
    deep = Workload(layers=DEEP, steps=10**9, tau_update=100)
    for name in SCHEDULES:
        if wanted.has("page"):
            took = seconds(lambda name=name: as_dict(time_run(sheet, deep, name)), rounds)
            findings.append(Finding(f"page of 500 layers, {name}", took, "s", PAGE_BOUND))
    for name, (schedule, facts) in OPTIONS.items():
        if wanted.has("length"):
            took = [
                seconds(
                    lambda schedule=schedule, facts=facts, steps=steps, window=window: (
                        time_run(
                            sheet,
                            Workload(layers=FLAT, steps=steps, tau_update=window, **facts),
                            schedule,
                        ).energy
                    ),
                    rounds,
                )
                for steps, window in (SHORT, LONG)
            ]
            what = f"run 1e9 times as long, {name}"
            findings.append(Finding(what, took[1] / took[0], "", LENGTH_BOUND))
    return Outcome("", {}, findings, {})
