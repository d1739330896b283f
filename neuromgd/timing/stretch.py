"""What is read off the first timesteps of a run: critical path, bottleneck, fill and drain."""

from typing import Any

from neuromgd.timing.critical import critical_path
from neuromgd.timing.replay import Replay
from neuromgd.timing.report import Report
from neuromgd.timing.traces.intervals import simulate

# Timesteps that are looked at one by one.
STRETCH = 512

# Operations that such a stretch may have.
OPERATIONS = 25_000


def stretch(report: Report) -> int:
    """Returns how many timesteps are simulated: a window, if that is not too long."""
    window = max(report.workload.tau_update, report.workload.tau_perturbation)
    program = report.clockwork.program
    each = len(program.operations(program.due(0, program.beat))) / program.beat
    most = max(4, int(OPERATIONS / each))
    return min(report.workload.steps, STRETCH, max(window, 4), most)


def first_stretch(report: Report) -> dict[str, Any]:
    """Returns what is read off a simulated stretch: critical path, fill and drain.

    Fill is the time before the first forward pass begins; drain the time from the end of the last
    one to the end of the stretch, its feedback and write.
    """
    steps = stretch(report)
    program = report.clockwork.program
    shown = Replay(program, steps) if program.is_ordered else simulate(program, steps)
    path = critical_path(shown.finished)
    passes = [
        one for one in shown.finished
        if one.operation.cause in ("baseline", "perturbed", "inference") and one.end > one.start
    ]  # fmt: skip
    total = sum(path.values())
    shares = {name: ticks / total for name, ticks in path.items()} if total else {}
    ordered = dict(sorted(shares.items(), key=lambda item: -item[1]))
    ends = [one.end for one in passes] or [0]
    return {
        "stretch_timesteps": steps,
        "critical_path": ordered,
        "bottleneck": next(iter(ordered), None),
        "fill_seconds": float(min((one.start for one in passes), default=0) * report.tick),
        "drain_seconds": float((shown.end - max(ends)) * report.tick),
    }
