"""``neuromgd time``: time and energy of any number of timesteps on a platform, exactly."""

import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import tyro

from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.sheets import library
from neuromgd.sheets.platform import Platform, load, override
from neuromgd.timing import Report, Schedule, Workload, time_run


@dataclass
class Options:
    """Tells time and energy of a training run on a platform, and where they go."""

    platform: str = ""
    """Name or file of a platform sheet."""
    layers: str = "784,128,64,10"
    """Layer sizes, inputs first."""
    steps: str = "1e9"
    """Length of the run in timesteps."""
    tau_sample: int = 1
    """Timesteps that a sample is held."""
    tau_perturbation: int = 1
    """Timesteps that a perturbation is held."""
    tau_update: int = 100
    """Timesteps from write to write."""
    broadcast: str = "perturbation"
    """When the cost change is broadcast: once a perturbation, or every timestep."""
    pass_order: str = "alternate"
    """Whether the two passes of a held perturbation alternate or run as two blocks."""
    schedule: str = ""
    """paper_clock, two_pass (default), reuse, central, prefetch, pipelined, analog or lockstep."""
    registers: int = 2
    """Perturbations that a synapse can hold at once, for schedule pipelined."""
    writes: str = "drained"
    """For schedule pipelined: drained, behind or unbounded."""
    chips: int = 1
    """Chips that share one cost change, for schedule lockstep."""
    adc: str = ""
    """Which of the sheet's sources for the energy of a conversion."""
    set: Annotated[list[str], tyro.conf.UseAppendAction] = field(default_factory=list)
    """Replaces an entry of the sheet: times.write='5 us'. May be given several times."""
    compare: str = ""
    """Platforms to put side by side."""
    run: str = ""
    """Folder of a finished training run to be priced on the platform."""
    trace: str = ""
    """Writes trace events (JSON) for ui.perfetto.dev."""
    vcd: str = ""
    """Writes a value change dump for GTKWave or Surfer."""
    csv: str = ""
    """Writes the intervals as comma-separated values."""
    gantt: str = ""
    """Writes a Gantt chart (.svg or .png)."""
    trace_steps: int = 4
    """Timesteps in traces and chart."""
    json: bool = False
    """Prints one JSON object instead of text."""


def main(arguments: list[str]) -> None:
    """Runs the command."""
    options = parse(Options, "time", arguments)
    workload, taken = finished_run(options) if options.run else (workload_of(options), "two_pass")
    names = options.compare.split(",") if options.compare else [options.platform]
    if names == [""]:
        known = ", ".join(library.names("platforms"))
        raise InputError(f"--platform: missing; allowed are a .toml file or one of {known}")
    schedule = Schedule(options.schedule or taken, options.registers, options.writes)
    reports = [time_run(chosen(name, options), workload, schedule) for name in names]
    if options.compare:
        print(compared(reports, options.json))
        return
    report = reports[0]
    write_traces(report, options)
    from neuromgd.timing.rendering import as_dict, text

    facts = as_dict(report)
    print(json.dumps(facts) if options.json else text(facts))


def workload_of(options: Options) -> Workload:
    """Reads the workload from the command line."""
    return Workload(
        layers=tuple(whole("--layers", size) for size in options.layers.split(",")),
        steps=whole("--steps", options.steps),
        tau_sample=options.tau_sample,
        tau_perturbation=options.tau_perturbation,
        tau_update=options.tau_update,
        broadcast=options.broadcast,
        pass_order=options.pass_order,
        chips=options.chips,
    )


def whole(option: str, text: str) -> int:
    """Reads a whole number, also one written as 1e9."""
    try:
        number = Fraction(text.strip().replace("_", ""))
    except (ValueError, ZeroDivisionError):
        number = Fraction(1, 2)
    if number.denominator != 1:
        raise InputError(f"{option}: read {text!r}, allowed is a whole number such as 128 or 1e9")
    return int(number)


# What of a finished run decides its time; its chips are a sample, each with a clock of its own.
RECORDED = ("steps", "tau_sample", "tau_perturbation", "tau_update", "broadcast", "pass_order")


def finished_run(options: Options) -> tuple[Workload, str]:
    """Reads workload and schedule of a finished training run from its summary."""
    path = Path(options.run) / "summary.json"
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))["workload"]
        facts: dict[str, Any] = {key: recorded[key] for key in RECORDED if key in recorded}
        workload = Workload(layers=tuple(recorded["layers"]), chips=options.chips, **facts)
        return workload, str(recorded.get("schedule", "two_pass"))
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: read no workload ({error}); allowed is the folder of a finished training run"
        ) from error


def chosen(name: str, options: Options) -> Platform:
    """Reads a platform and applies what the user sets."""
    platform = load(name.strip())
    for setting in options.set:
        platform = override(platform, setting)
    return override(platform, f"adc={options.adc}") if options.adc else platform


def write_traces(report: Report, options: Options) -> None:
    """Simulates the first timesteps and writes the files that are asked for."""
    if not (options.trace or options.vcd or options.csv or options.gantt):
        return
    from neuromgd.timing.traces import csv, perfetto, vcd
    from neuromgd.timing.traces.intervals import simulate, table

    steps = min(options.trace_steps, report.workload.steps)
    intervals = table(simulate(report.clockwork.program, steps))
    title = f"{report.platform.name}, {report.schedule.name}, first {steps} timesteps"
    if options.trace:
        perfetto.write(Path(options.trace), intervals, report.tick, title)
    if options.vcd:
        vcd.write(Path(options.vcd), intervals, report.tick, title)
    if options.csv:
        csv.write(Path(options.csv), intervals)
    if options.gantt:
        from neuromgd.plots.gantt import gantt

        gantt(Path(options.gantt), intervals, float(report.tick), title)


def compared(reports: list[Report], as_json: bool) -> str:
    """Returns several platforms side by side."""
    from neuromgd.timing.rendering import quantity, ratio
    from neuromgd.timing.sensitivity import interval

    rows = []
    for report in reports:
        ends = interval(report)
        rows.append(
            {
                "platform": report.platform.name,
                "seconds_per_timestep": report.seconds_per_timestep,
                "seconds": report.seconds,
                "seconds_low": ends.seconds[0],
                "seconds_high": ends.seconds[1],
                "paper_clock_ratio": report.paper_ratio,
                "joules": report.joules,
                "joules_low": ends.joules[0],
                "joules_high": ends.joules[1],
                "joules_missing": list(report.missing),
            }
        )
    if as_json:
        return json.dumps(rows)
    head = ("platform", "timestep", "run", "low", "high", "against the papers' clock", "energy")
    lines: list[tuple[str, ...]] = [head]
    for row in rows:
        times = ("seconds_per_timestep", "seconds", "seconds_low", "seconds_high")
        lines.append(
            (row["platform"], *(quantity(row[key], "s") for key in times),
             ratio(row["paper_clock_ratio"]), quantity(row["joules"], "J"))
        )  # fmt: skip
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
