"""``neuromgd devices recipe``: finds what makes a memory cell learn a task."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import Place
from neuromgd.cli.parse import parse
from neuromgd.cli.train import LENGTHS, Options, refuse_changes
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.config import Config, SynapseConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.read import FILE, from_file
from neuromgd.options.recipe import TRANSFER_EVERY
from neuromgd.shown import mean_count
from neuromgd.stamp import refuse_changed

if TYPE_CHECKING:
    from neuromgd.study.recipe import Found

HELP = """usage: neuromgd devices recipe NAME|FILE [--budget W] [--fast NAME|FILE] [train options]
       neuromgd devices recipe --resume FOLDER

Finds what makes a memory cell learn a task: the learning rate, whether every synapse keeps a
residue of what it could not write and from which request on it writes, or, with --fast, how much of
what a fast cell beside it learns is transferred to it. Tries many for a short time and the best of
them longer (successive halving), judged on training samples that are held out, and
takes W windows times chips for it (default 24 times the length of a run). Then the winner is
trained on all samples and tested, beside an ideal cell in its place and backpropagation. Writes
recipe.toml, which neuromgd train --config runs, summary.json, and the folders of all runs.

Train options say what all candidates have in common (--task, --learning.mode, --platform, …).
Default are 1,000 windows of 128 product kicks and 4 chips for the winner."""


class RecipeOptions(Options, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Finds what makes a memory cell learn a task."""

    budget: int | None = None
    """Windows times chips that the search may take."""
    fast: str | None = None
    """Device sheet of a fast cell: some candidates have one beside the cell, which is then the slow
    one that keeps what is transferred to it every 20 windows."""


START = RecipeOptions(
    synapse=SynapseConfig(code="product"), tau_perturbation=1, tau_update=128, windows=1_000,
    chips=4,
)  # fmt: skip


def main(sheet: str, arguments: list[str]) -> None:
    """Runs ``neuromgd devices recipe``."""
    is_resumed = any(one.partition("=")[0] == "--resume" for one in arguments)
    if any(option in ("-h", "--help") for option in arguments) or not (
        sheet or is_resumed or arguments
    ):
        print(HELP)
        return
    if not (sheet or is_resumed):
        raise InputError("devices recipe: name the cell first: neuromgd devices recipe NAME|FILE …")
    start = _start(arguments, sheet)
    options = parse(RecipeOptions, "devices recipe", arguments, start)
    for name in ("config", "tensorboard", "distributed", *Place._fields):
        if getattr(options, name) not in (None, False):
            raise InputError(f"option {name}: a search takes none; give its options one by one")
    config = options.of_run
    if options.resume is not None:
        if sheet:
            raise InputError(f"devices recipe {sheet}: a search that goes on has its cell already")
        config = _begun(Path(options.resume), arguments)
    use_cores()
    from neuromgd.study.recipe import recipe, told  # JAX is imported here, not for --help

    console = Console(markup=False, stderr=True)
    watch = lambda text: None if options.json else console.print(text)
    is_resumed = options.resume is not None
    found = recipe(config, options.budget, watch, is_resumed, options.overwrite, options.fast)
    if options.json:
        print(json.dumps(told(found), indent=2))
        return
    show(found)


def _start(arguments: list[str], sheet: str) -> RecipeOptions:
    """Returns the defaults of a search, without those that an option given replaces."""
    names = {one.partition("=")[0].removeprefix("--").replace("-", "_") for one in arguments}
    left: dict[str, object] = {"device": DeviceConfig(sheet=sheet or None)}
    if names & set(LENGTHS):
        left["windows"] = None
    if "batch" in names:
        left |= {"tau_perturbation": None, "tau_update": None}
    return msgspec.structs.replace(START, **left)


def _begun(folder: Path, arguments: list[str]) -> Config:
    """Returns the configuration of an interrupted search, of its own length.

    Raises:
        InputError: If the folder holds none, or an option says something else of it.
    """
    refuse_changes(arguments)
    for name in LENGTHS:
        if any(one.partition("=")[0] == f"--{name}" for one in arguments):
            raise InputError(f"option {name}: a search that goes on has the length it began with")
    refuse_changed(folder / FILE)
    return msgspec.structs.replace(from_file(folder / FILE), out=str(folder))


def show(found: "Found") -> None:
    """Prints the winner, what it reached beside its rivals, what it needs and what limits it."""
    from neuromgd.study.recipe import RECIPE

    best, summary, metric = found.best, found.run.summary, found.run.plan.metric
    table = Table(box=None)
    for name in ("", metric.title, "of chips"):
        table.add_column(name)
    rows = {"this cell": found.run, "an ideal cell": found.ideal, "backpropagation": found.backprop}
    for name, run in rows.items():
        spread = run.summary[f"{metric.name}_std"]
        score = metric.tell(run.summary[metric.name])
        table.add_row(
            name,
            score,
            str(run.summary["chips"]) + (f", ± {metric.tell(spread)}" if spread else ""),
        )
    console = Console(markup=False)
    console.print(table)
    print(f"learning rate {best.rate:.3g}, {_written(best)}")
    print("stored in a synapse beside its cell: " + ", ".join(
        f"{one['what']} ({one['values']:g} x {one['bits'] or 'analog'}"
        f"{' bit' if one['bits'] else ''})" for one in summary["local_memory"]
    ))  # fmt: skip
    endurance = found.run.plan.params.device.endurance_cycles
    worn = f" of {float(endurance):,.3g} that it endures" if endurance is not None else ""
    print(f"writes of a cell: {mean_count(summary['writes_per_synapse'])}{worn}")
    if summary["hardware_seconds"] is not None:
        joules = summary["hardware_joules"]
        told = "" if joules is None else f", {joules:.3g} J"
        print(f"on {summary['platform']}: {summary['hardware_seconds']:.3g} s{told}")
    for line in summary["explanations"]:
        print(f"note: {line}")
    print(f"written to {found.folder / RECIPE}")


def _written(best) -> str:
    if best.fast is not None:
        return (
            f"two cells a weight: {best.fast} learns, {best.share:.2g} of it is transferred every"
            f" {TRANSFER_EVERY} windows and verified"
        )
    if not best.has_residue:
        rarely = "" if best.presentations == 1 else f" every {best.presentations} windows"
        return f"written at once{rarely}, without a residue"
    if best.pulses is not None:
        return f"with a residue, written from {best.pulses:.3g} pulses on"
    return f"with a residue, written from {best.weight:.3g} w.u. on"
