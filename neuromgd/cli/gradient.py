"""``neuromgd gradient``: holds the estimates of chips against the true gradient of their cost."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import Place
from neuromgd.cli.parse import parse
from neuromgd.cli.result import telling_of_figures
from neuromgd.cli.train import LENGTHS, Options, tell
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.read import as_given, checked, named
from neuromgd.shown import printable

if TYPE_CHECKING:
    from neuromgd.study.gradient import Gradient

HELP = """usage: neuromgd gradient [RUN] [--samples N] [--within ANGLE] [train options]

Follows the estimates of the gradient that chips make of one scalar, without letting them learn, and
holds them against the true gradient: angle and length against timesteps, array by array, beside the
law, and E|G|^2/|g|^2 of a window. Writes gradient.parquet, summary.json and figures/gradient.png.

  neuromgd gradient --task digits --ideal --synapse.code walsh --samples 128
  neuromgd gradient runs/trained --learning.mode node

RUN is the folder of a finished run: the chips then have its trained cells and its options, but for
those that are given. Without it chips are fresh. The cost is the mean over N training samples, or
all of them: with N as large as a batch every window shows the same samples. --within (15) is the
angle in degrees whose first timestep is told. Default are 1,000 windows.
neuromgd train --help tells the other options."""


class GradientOptions(Options, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Holds estimates of the gradient against the true one."""

    samples: int | None = None
    """Training samples that cost and estimates are of; None: all."""
    within: float = 15.0
    """Angle whose first timestep is told [°]."""


WINDOWS = 1_000


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd gradient``."""
    if any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    folder = arguments[0] if arguments and not arguments[0].startswith("-") else None
    rest = arguments if folder is None else arguments[1:]
    options = parse(GradientOptions, "gradient", rest, start(folder, rest))
    refuse(options)
    config = options.of_run
    if not any(getattr(config, name) for name in LENGTHS):
        config = msgspec.structs.replace(config, windows=WINDOWS)
    config = checked(config)
    use_cores(config.chips)
    show(config, options, folder)


def start(folder: str | None, arguments: list[str]) -> GradientOptions:
    """Returns what stands where nothing is said: the options of a trained run, or the defaults.

    Raises:
        InputError: If the folder holds no run.
    """
    first = parse(GradientOptions, "gradient", arguments, GradientOptions())
    path = None if folder is None else Path(folder) / "config.toml"
    if first.config is not None:
        if path is not None:
            raise InputError("option config: the trained run has its own options")
        path = named(first.config)
    if path is None:
        return GradientOptions()
    given = as_given(path)
    checked(given, str(path), is_whole=False)
    kept = {name: getattr(given, name) for name in Config.__struct_fields__}
    if folder is not None:
        names = {one.partition("=")[0].removeprefix("--").replace("-", "_") for one in arguments}
        taus = {"tau_sample", "tau_perturbation", "tau_update"}
        kept |= dict.fromkeys((*LENGTHS, "out", "log_every", "baseline", "stop_at"))
        kept["engine"] = "window" if kept["engine"] == "backprop" else kept["engine"]
        if names & taus:
            kept["batch"] = None
        if "batch" in names:
            kept |= dict.fromkeys(taus)
    return GradientOptions(**kept)


def refuse(options: GradientOptions) -> None:
    """Raises InputError if an option is of commands that train."""
    for name in ("resume", "tensorboard", "distributed", *Place._fields):
        if getattr(options, name) not in (None, False):
            raise InputError(f"option {name}: nothing is trained that could go on or be shared")
    if options.samples is not None and options.samples < 1:
        raise InputError(f"option samples = {options.samples}: must be at least 1")
    if not 0 < options.within < 90:
        raise InputError(f"option within = {options.within}: must lie between 0 and 90 degrees")


def show(config: Config, options: GradientOptions, folder: str | None) -> None:
    """Follows the estimates; draws them, and prints a table."""
    from neuromgd.study.gradient import gradient  # JAX is imported here, not for --help
    from neuromgd.study.open import open_run

    console = Console(markup=False, stderr=True, quiet=options.json)
    tell(config, console)
    with console.status("loading and compiling") as status:
        found = gradient(
            config,
            trained=None if folder is None else open_run(folder),
            samples=options.samples,
            within=options.within,
            watch=lambda window, windows, angle: status.update(
                f"window {window:,} of {windows:,}, angle {angle:.1f}°"
            ),
            may_overwrite=options.overwrite,
        )
    with telling_of_figures(found.folder):
        draw(found)
    if options.json:
        print(json.dumps(found.summary))
        return
    Console(markup=False).print(table(found))
    print("length ‖Ĝ‖/‖∇C‖, along ⟨Ĝ,∇C⟩/‖∇C‖², power E‖Ĝ‖²/‖∇C‖²")
    print(f"written to {printable(str(found.folder))}")


def draw(found: "Gradient") -> None:
    """Draws angle and length into the folder."""
    from neuromgd.plots.gradient import gradient  # matplotlib is imported here, not for --help

    figures, summary = found.folder / "figures", found.summary
    figures.mkdir(exist_ok=True)
    title = f"{summary['task']}, {summary['synapses']:,} synapses, {summary['chips']} chips"
    gradient(
        found.table, found.arrays, summary["law_curve"], summary["within"], title,
        figures / "gradient.png",
    )  # fmt: skip


def table(found: "Gradient") -> Table:
    """Returns a row for every array, at the end of what was followed."""
    summary = found.summary
    title = (
        f"Ĝ against ∇C after {summary['steps']:,} timesteps ({summary['cost_readings']:,} cost"
        f" readings), mean of {summary['chips']} chips"
    )
    result = Table(title=title)
    within = f"{summary['within']:g}°"
    for name in ("array", "angle", "law", "length", "along ∇C", "power of a window", "law",
                 f"first within {within}"):  # fmt: skip
        result.add_column(name, justify="left" if name == "array" else "right")
    for row in summary["arrays"]:
        result.add_row(
            row["array"], f"{row['angle']:.1f}°", _told(row["law_angle"], ".1f", "°"),
            f"{row['length']:.3g}", f"{row['along']:.3g}", f"{row['power']:,.4g}",
            _told(row["law_power"], ",.4g"), _told(row["step_within"], ",.0f"),
        )  # fmt: skip
    return result


def _told(number: float | None, form: str, unit: str = "") -> str:
    return "–" if number is None else format(number, form) + unit
