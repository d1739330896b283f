"""``neuromgd time``: time and energy of any number of timesteps on a platform, exactly."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tyro

from neuromgd.cli import comparison, pictures, traces
from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.sheets import library
from neuromgd.sheets.platform import Platform, load, override
from neuromgd.shown import printable, short
from neuromgd.study.told import read_summary
from neuromgd.timing import Report, Schedule, Workload, time_run
from neuromgd.timing.products import Products
from neuromgd.timing.schedules import SCHEDULES, usual
from neuromgd.timing.told import told


@dataclass
class Options:
    """Tells time and energy of a training run on a platform, and where they go.

    Networks have at most 512 layers.
    """

    platform: str = ""
    """Name or file of a platform sheet."""
    layers: str | None = None
    """Layers, inputs first (784,128,64,10 if nothing is said): sizes of dense ones, or
    28x28x1,conv:16x3,pool:2,10 or 28x28,lstm:64,10; also rnn, gru, conv:16x3/2:valid."""
    replicas: int | None = None
    """Copies of each matrix that share its uses in a pass (1 if nothing is said)."""
    steps: int | None = None
    """Length of the run in timesteps (1e9 if nothing is said)."""
    tau_sample: int | None = None
    """Timesteps that a sample is held (1 if nothing is said)."""
    tau_perturbation: int | None = None
    """Timesteps that a perturbation is held (1 if nothing is said)."""
    tau_update: int | None = None
    """Timesteps from write to write (100 if nothing is said)."""
    broadcast: str | None = None
    """When the cost change is broadcast: once a perturbation (default), or every timestep."""
    pass_order: str | None = None
    """Whether the two passes of a held perturbation alternate (default) or run as two blocks."""
    schedule: str = ""
    """paper_clock, two_pass, reuse, central, prefetch, pipelined, analog,
    lockstep or inference; if nothing is said two_pass, or the only one that the sheet has."""
    registers: int = 2
    """Perturbations that a synapse can hold at once, for schedule pipelined; samples that are
    under way at once, for schedule inference."""
    writes: str = "drained"
    """For schedule pipelined: drained, behind or unbounded."""
    chips: int = 1
    """Chips that share one cost change, for schedule lockstep."""
    fit: str | None = None
    """What becomes of a network that needs more arrays than the chip has: refuse (if nothing is
    said), reload (arrays in turn, their writes in every pass) or larger (as if it had them)."""
    activity: float | None = None
    """Share of the inputs of an array that drive their row (1 if nothing is said)."""
    changes: int = 0
    """How many changes of the sheet (an entry halved, or two) to try out and rank."""
    adc: str = ""
    """Which of the sheet's sources for the energy of a conversion."""
    set: Annotated[list[str], tyro.conf.UseAppendAction] = field(default_factory=list)
    """Replaces an entry of the sheet: times.write='5 us'. May be given several times."""
    compare: str = ""
    """Platforms to put side by side, in place of --platform; all: every sheet that ships."""
    run: str = ""
    """Folder of a finished training run to be priced on the platform, in place of layers, steps
    and hold times."""
    config: str = ""
    """Configuration file of a training run to be priced without running it, likewise."""
    trace: str = ""
    """Writes trace events (JSON) for ui.perfetto.dev."""
    vcd: str = ""
    """Writes a value change dump for GTKWave or Surfer."""
    csv: str = ""
    """Writes the intervals as comma-separated values."""
    gantt: str = ""
    """Writes a Gantt chart (.svg, .png or .pdf)."""
    gantt_window: str = ""
    """From when to when the chart goes, such as "10 us,30 us"; all traced timesteps if nothing is
    said."""
    gantt_axis: Literal["broken", "linear"] = "broken"
    """Whether stretches of the chart without any change, and longer than all others together, are
    cut short."""
    energy: str = ""
    """Writes a figure of where the energy of a timestep goes; with --compare, on each platform."""
    roofline: str = ""
    """Writes a figure of what limits the work: arrays, converters, bus, synapses, writes."""
    accuracy: str = ""
    """With --run: writes a figure of its score against time and energy, on --platform or on each of
    --compare."""
    trace_steps: int | None = None
    """Timesteps in traces and chart: 4 if nothing is said, at most 2,000, in a chart 100."""
    json: bool = False
    """Prints one JSON object instead of text."""


FILES = ("trace", "vcd", "csv", "gantt")

# What of a run decides its time, and what is taken where nothing is said.
WORKLOAD: dict[str, Any] = {
    "layers": "784,128,64,10", "steps": 10**9, "tau_sample": 1, "tau_perturbation": 1,
    "tau_update": 100, "broadcast": "perturbation", "pass_order": "alternate", "replicas": 1,
    "fit": "refuse", "activity": 1.0,
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Runs the command."""
    options = parse(Options, "time", arguments)
    refuse_both(options)
    files = traces.wanted(
        {name: getattr(options, name) for name in FILES},
        options.trace_steps,
        options.gantt_window,
        options.gantt_axis == "broken",
    )
    figures = pictures.wanted(
        {name: getattr(options, name) for name in pictures.NAMES}, options.run, options.compare
    )
    workload, taken = asked(options)
    refuse_idle(options, workload)

    def timed(name: str) -> Report:
        platform = chosen(name, options)
        named = options.schedule or usual(set(platform.times), taken)
        return time_run(platform, workload, Schedule(named, options.registers, options.writes))

    if options.compare:
        every = library.names("platforms") if options.compare == "all" else None
        reports, left_out = comparison.compare(every or options.compare.split(","), timed)
        pictures.draw(figures, reports, options.run)
        print(printable(comparison.compared(reports, left_out, options.json)))
        return
    if not options.platform:
        known = ", ".join(library.names("platforms"))
        raise InputError(f"--platform: missing; allowed are a .toml file or one of {known}")
    report = timed(options.platform)
    from neuromgd.timing.facts import as_dict
    from neuromgd.timing.rendering import text

    facts = as_dict(report, options.changes)
    facts["joules_per_percent"] = per_percent(report, options)
    traces.write(report, files)
    pictures.draw(figures, [report], options.run)
    print(json.dumps(facts) if options.json else printable(text(facts)))


def refuse_both(options: Options) -> None:
    """Refuses options that exclude each other.

    Raises:
        InputError: Naming both.
    """
    recorded = tuple(name for name in WORKLOAD if name not in CHIP)
    excluded = {
        "run": (*recorded, "config"), "config": recorded,
        "compare": ("platform", "changes", *FILES),
    }  # fmt: skip
    for one, others in excluded.items():
        for other in others:
            if getattr(options, one) and getattr(options, other) not in ("", None, 0):
                raise InputError(
                    f"--{one} and --{other.replace('_', '-')}: exclude each other; give one"
                )


# What belongs to training alone.
TRAINING = ("tau_perturbation", "tau_update", "broadcast")


def refuse_idle(options: Options, workload: Workload) -> None:
    """Refuses what was given and counts nowhere.

    Raises:
        InputError: Naming it.
    """
    if options.schedule in SCHEDULES and SCHEDULES[options.schedule].infers:
        for name in TRAINING:
            if getattr(options, name) is not None:
                raise InputError(
                    f"--{name.replace('_', '-')}: schedule {options.schedule!r} trains nothing, so"
                    " that it does not go by it"
                )
    if options.replicas not in (None, 1) and max(workload.copies) == 1:
        raise InputError(
            f"--replicas: read {options.replicas}, but no matrix of this network is used more than"
            " once a sample"
        )


def asked(options: Options) -> tuple[Workload, str]:
    """Returns the workload, and the schedule where nobody names one."""
    if options.run:
        return finished_run(options)
    return planned_run(options) if options.config else (workload_of(options), "two_pass")


def workload_of(options: Options) -> Workload:
    """Reads the workload from the command line."""
    facts = {
        name: default if (given := getattr(options, name)) is None else given
        for name, default in WORKLOAD.items()
    }
    network = told(facts.pop("layers"))
    facts["network" if isinstance(network, Products) else "layers"] = network
    return Workload(**facts, chips=options.chips)


# What is asked of the chip, not of the run that is timed on it.
CHIP = ("replicas", "fit", "activity")

# What of a finished run decides its time; its chips are a sample, each with a clock of its own.
RECORDED = tuple(
    field.name for field in dataclasses.fields(Workload) if field.name not in ("chips", *CHIP)
)


def finished_run(options: Options) -> tuple[Workload, str]:
    """Reads workload and schedule of a finished training run from its summary."""
    path = Path(options.run) / "summary.json"
    try:
        summary = read_summary(path, may_be_older=True)
        return from_record(summary["workload"] | counted(summary), options)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"read no workload in {short(str(path))} ({type(error).__name__})"
        if isinstance(error, KeyError):  # a summary, of several runs
            found = f"{short(options.run)} holds no single run"
        raise InputError(
            f"--run: {found}; allowed is the folder of a finished training run"
        ) from error


def counted(summary: dict[str, Any]) -> dict[str, float]:
    """Returns the writes that a cell had in a window, if the run saw them."""
    writes, recorded = summary.get("writes_per_synapse"), summary["workload"]
    windows = recorded["steps"] // recorded["tau_update"]
    return {} if writes is None else {"writes_per_window": writes / windows}


def per_percent(report: Report, options: Options) -> float | None:
    """Returns the energy for each percent that a finished run classifies right [J], or None."""
    if not options.run or report.joules is None:
        return None
    summary = json.loads((Path(options.run) / "summary.json").read_text(encoding="utf-8"))
    accuracy = summary.get("accuracy")
    return report.joules / (100 * accuracy) if isinstance(accuracy, float) and accuracy else None


def planned_run(options: Options) -> tuple[Workload, str]:
    """Returns workload and schedule of a run as it is planned, without running it."""
    from neuromgd.options.read import from_file, named  # what plans a run imports JAX
    from neuromgd.plan.clock import workload
    from neuromgd.plan.plan import plan

    config = from_file(named(options.config))
    planned = plan(config)
    steps = planned.windows * planned.tau.update
    recorded = workload(config, planned.machine, planned.layers, steps)
    return from_record(recorded, options)


def from_record(recorded: dict[str, Any], options: Options) -> tuple[Workload, str]:
    """Returns workload and schedule as a run records them."""
    facts: dict[str, Any] = {key: recorded[key] for key in (*RECORDED, *CHIP) if key in recorded}
    if facts.get("layers") is not None:
        facts["layers"] = tuple(facts["layers"])
    if facts.get("frozen") is not None:
        facts["frozen"] = tuple(facts["frozen"])
    if facts.get("network") is not None:
        facts["network"] = msgspec.convert(facts["network"], Products)
    given = {name: asked for name in CHIP if (asked := getattr(options, name)) is not None}
    workload = Workload(chips=options.chips, **(facts | given))
    return workload, str(recorded.get("schedule", "two_pass"))


def chosen(name: str, options: Options) -> Platform:
    """Reads a platform and applies what the user sets."""
    platform = load(name.strip())
    for setting in options.set:
        platform = override(platform, setting)
    if not options.adc:
        return platform
    if options.adc not in platform.adcs:
        there = f"allowed are {', '.join(platform.adcs)}" if platform.adcs else "it has no choice"
        raise InputError(f"--adc: read {short(options.adc)}, for {platform.name}: {there}")
    return override(platform, f"adc={options.adc}")
