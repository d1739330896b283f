"""The intervals as a value change dump (IEEE 1364) for GTKWave, Surfer and other wave viewers."""

from fractions import Fraction
from pathlib import Path

from neuromgd.errors import InputError
from neuromgd.timing.traces.intervals import Interval

# The time scales that the format knows.
SCALES = {
    Fraction(size, 10**power): f"{size} {unit}"
    for power, unit in ((0, "s"), (3, "ms"), (6, "us"), (9, "ns"), (12, "ps"), (15, "fs"))
    for size in (1, 10, 100)
}


def write(path: Path, intervals: list[Interval], tick: Fraction, title: str) -> None:
    """Writes, for each resource, whether it works or is blocked, on what and for which timestep.

    ``job`` counts the intervals of a resource from 1 and is 0 in between, so that intervals that
    follow without a gap stay apart. Intervals of no length are left out.

    Raises:
        InputError: If the tick is no time scale of the format.
    """
    import vcd

    if tick not in SCALES:
        raise InputError(
            f"tick: a tick of {float(tick):g} s cannot be written as VCD; allowed are 1, 10 and "
            "100 of s, ms, us, ns, ps and fs"
        )
    with (
        path.open("w", encoding="utf-8") as file,
        vcd.VCDWriter(file, timescale=SCALES[tick], comment=title, date="") as writer,
    ):
        changes = []
        for resource in sorted({one.resource for one in intervals}):
            scope = resource.replace(" ", "_")
            signals = {
                "busy": writer.register_var(scope, "busy", "wire", size=1, init=0),
                "blocked": writer.register_var(scope, "blocked", "wire", size=1, init=0),
                "job": writer.register_var(scope, "job", "integer", size=32, init=0),
                "timestep": writer.register_var(scope, "timestep", "integer", size=64, init=0),
                "what": writer.register_var(scope, "what", "string", init="-"),
            }
            own = [one for one in intervals if one.resource == resource and one.freed > one.start]
            for number, one in enumerate(own, 1):
                changes += moments(signals, one, number)
        # At one moment ends come before beginnings, so that a new interval has the last word.
        for moment, _, signal, value in sorted(changes, key=lambda change: change[:2]):
            writer.change(signal, moment, value)


def moments(signals: dict, one: Interval, number: int) -> list[tuple]:
    """Returns the value changes of one interval as (tick, order, signal, value)."""
    what = f"{one.part}/{one.cause}".replace(" ", "_")
    begins = {"busy": int(one.end > one.start), "job": number, "timestep": one.step, "what": what}
    changes = [(one.start, 1, signals[name], value) for name, value in begins.items()]
    if one.freed > one.end:
        changes += [(one.end, 1, signals["busy"], 0), (one.end, 1, signals["blocked"], 1)]
        changes.append((one.freed, 0, signals["blocked"], 0))
    changes += [(one.freed, 0, signals[name], 0) for name in ("busy", "job")]
    return [*changes, (one.freed, 0, signals["what"], "-")]
