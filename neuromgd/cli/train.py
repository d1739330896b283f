"""``neuromgd train``: trains chips, shows how they do, and writes a run folder."""

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from neuromgd.cli.distributed import Place, as_one_of_several, offering_to_resume
from neuromgd.cli.options import short_help
from neuromgd.cli.parse import parse
from neuromgd.cli.progress import Progress
from neuromgd.cli.result import table, telling_of_figures
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE
from neuromgd.options.read import as_given, checked, from_file, named, with_platform
from neuromgd.options.told import notes
from neuromgd.shown import printable

if TYPE_CHECKING:
    from neuromgd.verdict.row import Row


class Options(Config, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Trains chips and writes a run folder.

    Options stand over the configuration file, and the file over the defaults.
    """

    config: str | None = None
    """Configuration file (TOML) with these options as keys, or the name of a recipe that ships."""
    json: bool = False
    """Print the summary as JSON and nothing else."""
    resume: str | None = None
    """Run folder to go on with, from its newest checkpoint; its length alone may be given anew, and
    η then falls as in a run of the new length."""
    overwrite: bool = False
    """Overwrite the finished run in the folder ``--out``; files that no run wrote stay."""
    tensorboard: bool = False
    """Write event files for TensorBoard into the folder events of the run, row by row."""
    distributed: bool = False
    """This is one of several processes that run the command together, on one machine or many; SLURM
    and Open MPI tell each its place, else the next three do."""
    coordinator: str | None = None
    """HOST:PORT at which process 0 listens, and nowhere else; whoever reaches it can join."""
    processes: int | None = None
    """How many processes there are."""
    process: int | None = None
    """Number of this process, from 0."""

    @property
    def of_run(self) -> Config:
        """What of them describes a run."""
        return Config(**{name: getattr(self, name) for name in Config.__struct_fields__})

    @property
    def place(self) -> Place:
        """Where this process stands among all."""
        return Place(self.coordinator, self.processes, self.process)


LENGTHS = ("steps", "windows", "epochs")
# Of the short help, what is no key of a configuration file.
BESIDE = [
    ("--config FILE", "Configuration file (TOML), or the name of a recipe; options stand over it."),
    ("--resume FOLDER", "Goes on with an interrupted run, or makes a finished one longer."),
    ("--overwrite", "Overwrite the finished run in the folder --out."),
    ("--json", "Print the summary as JSON and nothing else."),
]


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd train``."""
    if any(option in ("-h", "--help") for option in arguments):
        print(short_help("train", BESIDE))
        return
    arguments = ["--help" if option == "--help-all" else option for option in arguments]
    options = read(arguments)
    config = config_of(options, arguments)
    if not config.shard_arrays:
        use_cores(config.chips)
    with (
        as_one_of_several(options.distributed, options.place) as is_first,
        in_folder(config, options) as config,
        offering_to_resume("train", Path(str(config.out))),
    ):
        show(config, options, is_first)


def config_of(options: Options, arguments: list[str]) -> Config:
    """Returns what is to be run: as the options say, or as the folder says that they name.

    Raises:
        InputError: If the options do not fit each other.
    """
    config = checked(options.of_run, "option")
    if options.resume is None:
        return config
    refuse_changes(arguments)
    return resumed(Path(options.resume), config)


def refuse_changes(arguments: list[str]) -> None:
    """Raises InputError if a run that goes on is given an option that it had from its beginning."""
    allowed = (*LENGTHS, "resume", "json", "tensorboard", "distributed", *Place._fields)
    for argument in arguments:
        name = argument.removeprefix("--").partition("=")[0].replace("-", "_")
        if argument.startswith("--") and name not in allowed:
            raise InputError(
                f"option {name}: a run goes on as it began; with --resume only its length"
                f" ({', '.join(LENGTHS)}) may be given"
            )


def resumed(folder: Path, given: Config) -> Config:
    """Returns the configuration of an interrupted run, as long as it is wanted now.

    Raises:
        InputError: If the folder holds no run, or one of another command.
    """
    if (folder / FILE).exists():
        raise InputError(f"{folder}: neuromgd sweep --resume goes on with it")
    config = msgspec.structs.replace(from_file(folder / "config.toml"), out=str(folder))
    lengths = {name: getattr(given, name) for name in LENGTHS}
    if any(lengths.values()):
        config = msgspec.structs.replace(config, **lengths)
    return checked(config, str(folder))


def in_folder(config: Config, options: Options) -> AbstractContextManager[Config]:
    """Reserves the folder of the run; gives the configuration with its name."""
    from neuromgd.study.folder import reserved  # JAX is imported here, not for --help

    return reserved(config, options.resume is not None, options.overwrite)


def read(arguments: list[str], command: str = "train") -> Options:
    """Reads the options over those of the configuration file."""
    first = parse(Options, command, arguments, Options())
    if first.tensorboard and command != "train":
        raise InputError(f"option tensorboard: of train alone; {command} has many runs at once")
    if first.config is None:
        return first
    file = as_given(named(first.config))
    checked(file, first.config, is_whole=False)
    start = Options(**{name: getattr(file, name) for name in Config.__struct_fields__})
    return parse(Options, command, arguments, start)


def tell(config: Config, console: Console) -> None:
    """Says before the work what a run takes that nobody asked for; its summary holds it too."""
    for sentence in notes(with_platform(config)):
        console.print(f"note: {printable(sentence)}", highlight=False, markup=False, soft_wrap=True)


@contextlib.contextmanager
def live(
    options: Options, config: Config, metric: str, is_first: bool
) -> Iterator[Callable[["Row", int], None]]:
    """Gives what writes rows into event files, if that is asked for."""
    if not options.tensorboard or not is_first:
        yield lambda row, windows: None
        return
    from neuromgd.study.events import Events

    with Events(str(config.out), metric) as events:
        yield events


def show(config: Config, options: Options, is_first: bool) -> None:
    """Trains; the first process has a progress bar on stderr and the result on stdout."""
    from neuromgd.data import TASKS  # JAX is imported here, not for --help
    from neuromgd.data.metrics import METRICS
    from neuromgd.study.train import train

    metric = METRICS[config.metric or TASKS[config.task].metric]

    console = Console(stderr=True, quiet=options.json or not is_first)
    tell(config, console)
    with Progress(console) as progress, live(options, config, metric.name, is_first) as events:

        def watch(row: "Row", windows: int) -> None:
            events(row, windows)
            told = (
                f"step {row.step:,}, cost {row.cost:.4f}, {metric.title} {metric.tell(row.score)}"
            )
            progress.show(row.window / windows, told)

        run = train(
            config, watch, is_resumed=options.resume is not None, may_overwrite=options.overwrite
        )
    if not is_first:
        return
    with telling_of_figures(run.folder):
        from neuromgd.plots.run import draw  # matplotlib is imported here, not for --help

        draw(run)
    if options.json:
        print(json.dumps(run.summary))
    else:
        Console(markup=False).print(table(run.summary, run.plan.metric))
        for sentence in run.summary["explanations"]:
            print(f"note: {sentence}")
        for sentence in run.summary["advice"]:
            print(f"to change first: {sentence}")
        if run.summary["convergence"] is not None:
            print(f"note: {run.summary['convergence']['told']}")
        print(f"written to {printable(str(run.folder))}")
