"""``neuromgd sweep``: trains chips at every point of a grid, all in one compiled program."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from neuromgd.cli.train import read as read_train
from neuromgd.errors import InputError
from neuromgd.study.config import Config
from neuromgd.study.configure import checked

if TYPE_CHECKING:
    from neuromgd.study.sweep import Sweep

HELP = """usage: neuromgd sweep --over NAME=VALUE,VALUE,… [--over …] [--json] [train options]

Trains all chips at every point of a grid, in one compiled program, and writes a run folder with
sweep.parquet (a row a point and chip), summary.json and figures/sweep.png. NAME is a key of the
configuration file that is a number of array, bus, device or synapse, or learning.rate:

  neuromgd sweep --over device.write_noise=0,0.01,0.03 --over bus.cost_noise=0,1e-3 --chips 16

neuromgd train --help tells the other options."""


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd sweep``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    over, rest = split(arguments)
    options = read_train(rest, "sweep")
    if options.resume is not None:
        raise InputError("option resume: a sweep runs from its beginning")
    config = Config(**{name: getattr(options, name) for name in Config.__struct_fields__})
    show(checked(config, "option"), over, is_json=options.json)


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


def show(config: Config, over: list[str], is_json: bool) -> None:
    """Runs the sweep, draws it and prints its table."""
    from neuromgd.plots.sweep import sweep as draw  # heavy imports are here, not for --help
    from neuromgd.study.sweep import sweep

    status = Console(stderr=True, quiet=is_json).status("loading and compiling")

    def watch(row: dict, windows: int) -> None:
        status.update(f"window {row['window']:,} of {windows:,}, cost {row['cost']:.4f}")

    with status:
        done = sweep(config, over, watch)
    figures = done.folder / "figures"
    figures.mkdir(exist_ok=True)
    title = f"{config.task}, {config.chips} chip{'s' * (config.chips > 1)} a point"
    draw(done.points, done.axes, title, figures / "sweep.png")
    if is_json:
        print((done.folder / "summary.json").read_text(), end="")
        return
    Console().print(table(done))
    print(f"written to {done.folder}")


def table(done: "Sweep") -> Table:
    """Returns a row for every point."""
    result = Table()
    for name in (*done.axes, "accuracy", "cost", "diverged"):
        result.add_column(name, justify="right")
    for point in done.points:
        spread = point["accuracy_std"]
        if point["accuracy"] is None:
            result.add_row(*(f"{point[name]:g}" for name in done.axes), "", "", "all")
            continue
        accuracy = f"{100 * point['accuracy']:.2f} %"
        if spread is not None:
            accuracy += f" ± {100 * spread:.2f} %"
        values = [f"{point[name]:g}" for name in done.axes]
        result.add_row(*values, accuracy, f"{point['cost']:.4f}", str(point["diverged"]))
    return result
