"""``neuromgd sweep``: trains chips at every point of a grid, or of a design within it."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import as_one_of_several, offering_to_resume
from neuromgd.cli.progress import Progress
from neuromgd.cli.result import telling_of_figures
from neuromgd.cli.train import LENGTHS, Options, in_folder, read, refuse_changes
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.axes import axes, label, told
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE, Design, Kind, kept
from neuromgd.options.read import checked
from neuromgd.shown import mean_count, printable, short

if TYPE_CHECKING:
    from neuromgd.study.sweep import Group, Sweep
    from neuromgd.verdict.row import Row

HELP = """usage: neuromgd sweep --over NAME=VALUE,VALUE,… [--over …] [--target T] [train options]

Trains all chips at every point of a grid and writes a run folder with sweep.parquet (a row a point
and chip: the options by name, the metric, time, energy, writes, what limits it), summary.json and
figures/sweep.png. Points that differ by numbers share one compiled program, others run one after
the other. NAME is any key of the configuration file that describes a chip, its task or its run:

  neuromgd sweep --over device.write_noise=0,0.01,0.03 --over bus.cost_noise=0,1e-3 --chips 16
  neuromgd sweep --over synapse.code=rademacher,walsh --over network.hidden=32,[128,64],[]
  neuromgd sweep --over bus.delta_bits=none,lin:1:8:8     # none: absent; lin and log: ranges
  neuromgd sweep --over device=@sheets                    # all sheets; @platforms likewise
  neuromgd sweep --over device=ecram_mo_kim2019,fefet_jerry2017 --with learning.rate=0.1,0.05

  --over NAME=…     an axis; NAME=lin:A:B and NAME=log:A:B, without a number, are for a design
  --with NAME=…     changes together with the axis before it, value by value
  --design KIND     grid, random or sobol: so many --points within the axes
  --points N        number of points of a design
  --target T        what a chip is to reach (0.85): adds the yield, with its 95 % interval
  --json            prints the summary and nothing else

Several processes share the chips among them, on one machine or many; under srun or mpirun
--distributed is enough, else every process is told its place:

  neuromgd sweep --over … --distributed --coordinator HOST:PORT --processes 2 --process 0

neuromgd sweep --resume FOLDER goes on with an interrupted sweep, in any number of processes.
neuromgd train --help tells the other options."""

# Of the design; everything else is an option of a run.
OWN = ("over", "with", "design", "points", "target")


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd sweep``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    given, rest = split(arguments)
    options = read(rest, "sweep")
    config, design = _begun(options, given, rest) if options.resume else _new(options, given)
    use_cores()
    with (
        as_one_of_several(options.distributed, options.place) as is_first,
        in_folder(config, options) as config,
        offering_to_resume("sweep", Path(str(config.out))),
    ):
        show(config, design, options, is_first)


def split(
    arguments: list[str], own: Collection[str] = OWN
) -> tuple[list[tuple[str, str]], list[str]]:
    """Returns some options in their order, as (name, value), and all others.

    Args:
        arguments: All of them.
        own: Names of those: of the design of a sweep.

    Raises:
        InputError: If one has no value, or an axis is an option as well.
    """
    given, rest = [], []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or name not in own:
            rest.append(argument)
            continue
        told = value if equals else next(waiting, None)
        if told is None:
            form = {"over": "NAME=VALUE,VALUE,…", "with": "NAME=VALUE,VALUE,…"}.get(name, "a value")
            raise InputError(f"option {name}: expected {form}")
        given.append((name, told))
    swept = {_name(text) for name, text in given if name in ("over", "with")}
    for argument in rest:
        if argument.startswith("--") and (name := _name(argument[2:])) in swept:
            raise InputError(f"option {name}: is an axis, so that this value would count nowhere")
    return given, rest


def _name(text: str) -> str:
    """Returns which option an axis or an argument is of."""
    name = text.partition("=")[0].strip().replace("-", "_")
    return "device.sheet" if name == "device" else name


def design_of(given: list[tuple[str, str]]) -> Design:
    """Returns the design that options ask for.

    Raises:
        InputError: If a value cannot be read.
    """
    over, other = axes_of(given)
    kind = other.get("design", "grid")
    if kind not in ("grid", "random", "sobol"):
        raise InputError(f"option design = {short(kind)}: there are grid, random, sobol")
    points, target = other.get("points"), other.get("target")
    return Design(
        over=over, kind=cast(Kind, kind),
        points=None if points is None else whole("points", points),
        target=None if target is None else number("target", target),
    )  # fmt: skip


def axes_of(given: list[tuple[str, str]]) -> tuple[list[str], dict[str, str]]:
    """Returns axes, each with what changes together with it, and all other options by name.

    Raises:
        InputError: If an option joins no axis.
    """
    over: list[str] = []
    other: dict[str, str] = {}
    for name, value in given:
        if name == "over":
            over.append(value)
        elif name == "with":
            if not over:
                raise InputError(f"option with = {short(value)}: stands behind the --over it joins")
            over[-1] += f" with {value}"
        else:
            other[name] = value
    return over, other


def whole(name: str, text: str) -> int:
    """Reads a whole number.

    Raises:
        InputError: If it is none.
    """
    if not (text.isdigit() and len(text) < 8):
        raise InputError(f"option {name} = {short(text)}: expected a whole number")
    return int(text)


def number(name: str, text: str) -> float:
    """Reads a number, also one in per cent.

    Raises:
        InputError: If it is none.
    """
    try:
        found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        found = float("nan")
    if not abs(found) < float("inf"):
        raise InputError(f"option {name} = {short(text)}: expected a number, such as 0.85")
    return found


def _new(options: Options, given: list[tuple[str, str]]) -> tuple[Config, Design]:
    config = options.of_run
    # What its points need of each other only they can say.
    checked(config, "option", is_whole=False)
    return config, design_of(given)


def _begun(
    options: Options, given: list[tuple[str, str]], arguments: list[str]
) -> tuple[Config, Design]:
    """Returns the sweep in a folder, as long as it is wanted now."""
    if any(name != "target" for name, _ in given):
        raise InputError("option over: a sweep goes on as it began; with --resume it is known")
    refuse_changes(arguments)
    folder = Path(str(options.resume))
    if not (folder / FILE).exists() and (folder / "config.toml").exists():
        raise InputError(f"{folder}: neuromgd train --resume goes on with it")
    design, config = kept(folder)
    if given:
        design = msgspec.structs.replace(design, target=number(*given[-1]))
    lengths = {name: getattr(options, name) for name in LENGTHS}
    if any(lengths.values()):
        config = msgspec.structs.replace(config, **lengths)
    return msgspec.structs.replace(config, out=str(folder)), design


def show(config: Config, design: Design, options: Options, is_first: bool) -> None:
    """Runs the sweep; the first process draws it and prints its table."""
    from neuromgd.study.sweep import sweep  # heavy imports are here, not for --help

    console = Console(stderr=True, quiet=options.json or not is_first)
    now: list[Group] = []
    told_notes: set[str] = set()

    def begin(group: "Group") -> None:
        now[:] = [group]
        for note in group.notes:
            if note not in told_notes:
                told_notes.add(note)
                progress.say(f"note: {printable(note)}")

    def watch(row: "Row", windows: int) -> None:
        group = now[0]
        which = f"group {group.number} of {group.of}, " if group.of > 1 else ""
        share = group.share_before + group.share * row.window / windows
        progress.show(share, f"{which}window {row.window:,} of {windows:,}, cost {row.cost:.4f}")

    with Progress(console) as progress:
        done = sweep(
            config, design, watch, options.resume is not None,
            may_overwrite=options.overwrite, begin=begin,
        )  # fmt: skip
    if not is_first:
        return
    with telling_of_figures(done.folder):
        draw(done, f"{config.task}, {config.chips} chip{'s' * (config.chips > 1)} a point")
    if options.json:
        print((done.folder / "summary.json").read_text(), end="")
        return
    Console().print(table(done))
    for left in done.left_out:
        values = ", ".join(f"{name} = {told(value)}" for name, value in left.values.items())
        print(printable(f"left out: {values}: {left.reason}"))
    print(f"written to {done.folder}")


def draw(done: "Sweep", title: str) -> Path:
    """Draws a sweep into its folder and returns the file."""
    from neuromgd.plots.sweep import sweep  # matplotlib is imported here, not for --help

    figures = done.folder / "figures"
    figures.mkdir(exist_ok=True)
    path, metric = figures / "sweep.png", done.metric
    sweep(
        done.points, {axis.names[0]: label(axis.names[0]) for axis in axes(done.design.over)},
        metric.name, metric.label,
        metric.factor, title, path, chips=done.table, chance=done.chance,
        target=done.design.target, is_design=done.design.kind != "grid",
    )  # fmt: skip
    return path


def table(done: "Sweep") -> Table:
    """Returns a row for every point."""
    result, metric = Table(), done.metric
    has_time = any(point["hardware_seconds"] is not None for point in done.points)
    has_yield = done.design.target is not None
    has_lost = any(point["diverged"] for point in done.points)
    heads = [*done.axes, metric.title, *(["yield, 95 %"] if has_yield else []), "cost"]
    has_solved = all("solved_share" in point for point in done.points)
    heads += ["solved", "after"] if has_solved else []
    heads += (["time", "energy"] if has_time else []) + ["writes a cell"]
    for name in heads + (["diverged"] if has_lost else []):
        result.add_column(name, justify="right")
    for point in done.points:
        row = [_shown(point[name]) for name in done.axes]
        row.append(_score(point, metric))
        if has_yield:
            percents = [f"{100 * point[k]:.0f}" for k in ("yield", "yield_low", "yield_high")]
            row.append("{} % ({} to {})".format(*percents))
        row.append("" if point["cost"] is None else f"{point['cost']:.4f}")
        if has_solved:
            step = point["solved_median_step"]
            row.append(f"{100 * point['solved_share']:.0f} %")
            row.append("" if step is None else f"{step:,.0f} timesteps")
        if has_time:
            from neuromgd.timing.rendering import quantity

            row += [
                quantity(point["hardware_seconds"], "s"),
                quantity(point["hardware_joules"], "J"),
            ]
        row.append(mean_count(point["writes_per_cell"]))
        chips = sum(1 for one in done.table if all(one[n] == point[n] for n in done.axes))
        lost = "all" if point["diverged"] == chips else str(point["diverged"] or "")
        result.add_row(*row, *([lost] if has_lost else []))
    return result


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else told(value)


def _score(point: dict[str, Any], metric: Any) -> str:
    if point[metric.name] is None:
        return ""
    spread = point[f"{metric.name}_std"]
    told = metric.tell(point[metric.name])
    return told if spread is None else f"{told} ± {metric.tell(spread)}"
