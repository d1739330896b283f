"""``neuromgd sweep``: trains chips at every point of a grid, all in one compiled program."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import as_one_of_several, offering_to_resume
from neuromgd.cli.result import telling_of_figures
from neuromgd.cli.train import Options, config_of, in_folder, read, tell
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.grid import axes_of

if TYPE_CHECKING:
    from neuromgd.study.sweep import Sweep
    from neuromgd.verdict.row import Row

HELP = """usage: neuromgd sweep --over NAME=VALUE,VALUE,… [--over …] [--json] [train options]

Trains all chips at every point of a grid, in one compiled program, and writes a run folder with
sweep.parquet (a row a point and chip), summary.json and figures/sweep.png. NAME is a key of the
configuration file that is a number of array, bus, device, synapse or transfer, or learning.rate:

  neuromgd sweep --over device.write_noise=0,0.01,0.03 --over bus.cost_noise=0,1e-3 --chips 16

Several processes share the chips among them, on one machine or many; under srun or mpirun
--distributed is enough, else every process is told its place:

  neuromgd sweep --over … --distributed --coordinator HOST:PORT --processes 2 --process 0

neuromgd sweep --resume FOLDER goes on with an interrupted sweep, in any number of processes.
neuromgd train --help tells the other options."""


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd sweep``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    over, rest = split(arguments)
    options = read(rest, "sweep")
    if options.resume is not None and over:
        raise InputError("option over: a sweep goes on as it began; with --resume it is known")
    config = config_of(options, rest, is_sweep=True)
    if options.resume is not None:
        over = axes_of(Path(options.resume))
    use_cores()
    with (
        as_one_of_several(options.distributed, options.place) as is_first,
        in_folder(config, options) as config,
        offering_to_resume("sweep", Path(str(config.out))),
    ):
        show(config, over, options, is_first)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Returns what stands behind every ``--over``, and the other options."""
    over, rest = [], []
    waiting = iter(arguments)
    for argument in waiting:
        if argument.startswith("--over="):
            over.append(argument.removeprefix("--over="))
        elif argument == "--over":
            value = next(waiting, None)
            if value is None:
                raise InputError("option over: expected NAME=VALUE,VALUE,…")
            over.append(value)
        else:
            rest.append(argument)
    return over, rest


def show(config: Config, over: list[str], options: Options, is_first: bool) -> None:
    """Runs the sweep; the first process draws it and prints its table."""
    from neuromgd.plots.sweep import sweep as draw  # heavy imports are here, not for --help
    from neuromgd.study.sweep import sweep

    console = Console(stderr=True, quiet=options.json or not is_first)
    tell(config, console)
    status = console.status("loading and compiling")

    def watch(row: "Row", windows: int) -> None:
        status.update(f"window {row.window:,} of {windows:,}, cost {row.cost:.4f}")

    with status:
        done = sweep(
            config, over, watch, options.resume is not None, may_overwrite=options.overwrite
        )
    if not is_first:
        return
    with telling_of_figures(done.folder):
        figures = done.folder / "figures"
        figures.mkdir(exist_ok=True)
        title = f"{config.task}, {config.chips} chip{'s' * (config.chips > 1)} a point"
        metric = done.metric
        draw(
            done.points, done.axes, metric.name, metric.label, metric.factor, title,
            figures / "sweep.png",
        )  # fmt: skip
    if options.json:
        print((done.folder / "summary.json").read_text(), end="")
        return
    Console().print(table(done))
    print(f"written to {done.folder}")


def table(done: "Sweep") -> Table:
    """Returns a row for every point."""
    result, metric = Table(), done.metric
    for name in (*done.axes, metric.title, "cost", "diverged"):
        result.add_column(name, justify="right")
    for point in done.points:
        spread = point[f"{metric.name}_std"]
        if point[metric.name] is None:
            result.add_row(*(f"{point[name]:g}" for name in done.axes), "", "", "all")
            continue
        score = metric.tell(point[metric.name])
        if spread is not None:
            score += f" ± {metric.tell(spread)}"
        values = [f"{point[name]:g}" for name in done.axes]
        result.add_row(*values, score, f"{point['cost']:.4f}", str(point["diverged"]))
    return result
