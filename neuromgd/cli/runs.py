"""``neuromgd runs``: finished runs listed, compared, asked again, and their weights handed out."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import Place
from neuromgd.cli.files import FIGURES, writable
from neuromgd.cli.parse import parse
from neuromgd.cli.result import as_table
from neuromgd.cli.train import Options
from neuromgd.errors import InputError
from neuromgd.options.axes import told
from neuromgd.options.config import Config
from neuromgd.options.read import as_given
from neuromgd.shown import one_line, printable

if TYPE_CHECKING:
    from neuromgd.study.evaluate import Evaluated

HELP = """usage: neuromgd runs list [FOLDER] [--json]
       neuromgd runs compare RUN RUN… [--figure FILE]
       neuromgd runs evaluate RUN [--after SECONDS] [--json] [train options]
       neuromgd runs export RUN FILE

list      runs, sweeps and followed estimates in a folder (runs/) and below it: task, what differs
          from the defaults, score and state
compare   the options in which runs differ, and what they came to; --figure overlays their curves
evaluate  what trained chips reach on other data (--task, --data-dir), with other cells (--device),
          other arrays (--platform, --array.adc-bits), as other chips (--seed), or after a time in
          which nobody wrote them (--after 86400: a day of drift, leak and relaxation)
export    the weights of the network on every chip, (chips, …) each: FILE ends in .npz, or in
          .safetensors (pip install 'neuromgd[safetensors]')"""


@dataclass
class ListOptions:
    """Lists runs."""

    folder: Annotated[str, tyro.conf.Positional] = "runs"
    """Where to look, and below."""
    json: bool = False
    """Print JSON."""


@dataclass
class CompareOptions:
    """Sets runs beside each other."""

    folders: Annotated[list[str], tyro.conf.Positional] = field(default_factory=list)
    """Folders of runs."""
    figure: str = ""
    """Writes their curves over each other (.svg, .png or .pdf)."""


@dataclass
class ExportOptions:
    """Writes trained weights."""

    run: Annotated[str, tyro.conf.Positional]
    """Folder of the run."""
    file: Annotated[str, tyro.conf.Positional]
    """File to write."""


class EvaluateOptions(Options, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Asks trained chips again."""

    after: float = 0.0
    """Time since the last write [s]."""


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd runs``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    verbs = {"list": listing, "compare": compare, "evaluate": evaluate, "export": export}
    if arguments[0] not in verbs:
        raise InputError(f"runs: read {arguments[0]!r}, allowed are {', '.join(verbs)}")
    verbs[arguments[0]](arguments[1:])


def listing(arguments: list[str]) -> None:
    """Lists the runs in a folder."""
    from neuromgd.study.listing import listed

    options = parse(ListOptions, "runs list", arguments)
    found = listed(options.folder)
    if options.json:
        plain = [{"folder": str(one.folder), "options": dict(one.options)} for one in found]
        print(json.dumps([one._asdict() | p for one, p in zip(found, plain, strict=True)]))
        return
    table = Table(box=None)
    for name in ("folder", "kind", "task", "score", "state", "options"):
        table.add_column(name, overflow="fold")
    for one in found:
        score = "" if one.score is None else f"{one.metric} {one.score:.4g}"
        changed = {k: v for k, v in one.options.items() if k != "task"}
        said = ", ".join(f"{name}={told(value)}" for name, value in changed.items())
        table.add_row(*map(one_line, (str(one.folder), one.kind, one.task, score, one.state, said)))
    Console(markup=False).print(table)


def compare(arguments: list[str]) -> None:
    """Prints what differs between runs, and draws their curves."""
    options = parse(CompareOptions, "runs compare", arguments)
    if len(options.folders) < 2:
        raise InputError("runs compare: give the folders of two runs, or more")
    path = writable("--figure", options.figure, FIGURES) if options.figure else None
    from neuromgd.plots.compare import compare as draw
    from neuromgd.plots.page.many_tables import compared
    from neuromgd.study.findings import findings

    runs = [findings(folder, asks_chips=False) for folder in options.folders]
    for run in runs:
        if run.kind != "run":
            raise InputError(f"runs compare: {run.name} holds no run, but: {run.kind}")
    Console(markup=False).print(as_table(compared(runs)))
    if path is None:
        return
    if len({run.metric.name for run in runs}) > 1 or not all(run.rows for run in runs):
        raise InputError("--figure: draws runs that have a history and measure the same")
    draw([(run.name, run.rows) for run in runs], runs[0].metric.factor, runs[0].metric.label, path)
    print(f"written to {printable(str(path))}")


def export(arguments: list[str]) -> None:
    """Writes the weights of a run into a file."""
    options = parse(ExportOptions, "runs export", arguments)
    path = writable("FILE", options.file, (".npz", ".safetensors"))
    from neuromgd.study.export import export_weights
    from neuromgd.study.open import open_run

    export_weights(open_run(options.run), path)
    print(f"written to {printable(str(path))}")


def evaluate(arguments: list[str]) -> None:
    """Asks trained chips again."""
    if not arguments or arguments[0].startswith("-"):
        raise InputError("runs evaluate: give the folder of a run first")
    folder, rest = Path(arguments[0]), arguments[1:]
    given = as_given(folder / "config.toml")
    start = EvaluateOptions(**{name: getattr(given, name) for name in Config.__struct_fields__})
    options = parse(EvaluateOptions, "runs evaluate", rest, start)
    for name in (
        "config",
        "resume",
        "out",
        "overwrite",
        "tensorboard",
        "distributed",
        *Place._fields,
    ):
        if getattr(options, name) not in (None, False):
            raise InputError(f"option {name}: nothing is trained or written here")
    config = options.of_run
    from neuromgd.study.evaluate import evaluate
    from neuromgd.study.open import open_run

    run = open_run(folder)
    found = evaluate(run, config, seconds=options.after)
    if options.json:
        print(json.dumps(as_dict(found)))
        return
    Console(markup=False).print(_table(found))


def as_dict(found: "Evaluated") -> dict[str, Any]:
    """Returns what was found as plain values."""
    return {
        "metric": found.metric.name, "seconds": found.seconds,
        "before_per_chip": found.before.tolist(), "after_per_chip": found.after.tolist(),
        "before": float(found.before.mean()), "after": float(found.after.mean()),
        "changed": found.changed,
    }  # fmt: skip


def _table(found: "Evaluated") -> Table:
    metric = found.metric
    table = Table(title=f"test {metric.title}", show_header=False)
    rows = {"as the run left them": found.before, "now": found.after}
    for name, scores in rows.items():
        spread = f" ± {metric.tell(float(np.std(scores, ddof=1)))}" if len(scores) > 1 else ""
        table.add_row(name, metric.tell(float(scores.mean())) + spread)
    table.add_row("worst and best chip now", " to ".join(
        metric.tell(float(one)) for one in (found.after.min(), found.after.max())))  # fmt: skip
    if found.seconds:
        table.add_row("time since the last write", f"{found.seconds:g} s")
    for name, (was, now) in found.changed.items():
        table.add_row(name, one_line(f"{told(was)} → {told(now)}"))
    return table
