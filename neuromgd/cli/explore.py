"""``neuromgd explore``: finds the designs that no other one beats."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import offering_to_resume
from neuromgd.cli.result import telling_of_figures
from neuromgd.cli.sweep import axes_of, split, whole
from neuromgd.cli.train import LENGTHS, Options, in_folder, read, refuse_changes
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.axes import axes, told
from neuromgd.options.config import Config
from neuromgd.options.exploration import Exploration, refuse
from neuromgd.options.read import checked
from neuromgd.shown import printable

if TYPE_CHECKING:
    from neuromgd.study.explore import Explored

HELP = """usage: neuromgd explore --over NAME=VALUE,VALUE,… [--over …] [--trials N] [train options]

Finds the designs that no other one beats in metric, hardware time, energy and wear at once: the
Pareto front. Optuna proposes N designs, which train for a sixteenth of their length; a quarter of
them go on to a quarter of it, an eighth to the end: as long as N/4 whole runs. Needs an extra:
pip install 'neuromgd[explore]'. Axes are those of neuromgd sweep, and ranges by their ends alone:

  neuromgd explore --over device=@sheets --over platform=@platforms --over learning.rate=log:0.01:1
  neuromgd explore --over platform=rram_32nm,puma_mvmu --over tau_update=32,128,512 \\
      --over synapse.code=rademacher,walsh --over learning.rule=sgd,momentum --steps 1e6

A memory cell on a platform of another technology is not run but told, in a row with its reason.

  --over NAME=…     an axis
  --with NAME=…     changes together with the axis before it
  --trials N        designs that are looked at (64), or all of them where a grid has fewer
  --goals A,B       beside the metric, what is to be small: of time, energy, wear (what is known)
  --mix             runs cells on platforms of other technologies as well
  --json            prints the summary and nothing else

Writes explore.parquet (a row a design), points/design-N.toml, each a configuration that neuromgd
train --config runs, summary.json and figures/explore.png. neuromgd explore --resume FOLDER goes on
with an interrupted exploration. neuromgd train --help tells the other options."""

OWN = ("over", "with", "trials", "goals")
# Columns of the goals, with what the figure calls them.
COLUMNS = {
    "time": ("hardware_seconds", "hardware time [s]"),
    "energy": ("hardware_joules", "hardware energy [J]"),
    "wear": ("endurance_used", "share of the endurance used [1]"),
}


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd explore``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    is_mixed = "--mix" in arguments
    given, rest = split([one for one in arguments if one != "--mix"], OWN)
    options = read(rest, "explore")
    if options.distributed:
        raise InputError("option distributed: an exploration runs in one process")
    if options.resume is not None:
        config, wanted = _begun(options, given, is_mixed, rest)
    else:
        config, wanted = _new(options), asked(given, is_mixed)
    use_cores()
    with (
        in_folder(config, options) as config,
        offering_to_resume("explore", Path(str(config.out))),
    ):
        show(config, wanted, options)


def asked(given: list[tuple[str, str]], is_mixed: bool) -> Exploration:
    """Returns what is asked.

    Raises:
        InputError: If it cannot be read.
    """
    over, other = axes_of(given)
    axes(over)
    goals = other.get("goals")
    wanted = Exploration(
        over=over, trials=whole("trials", other.get("trials", "64")), is_mixed=is_mixed,
        goals=None if goals is None else [one.strip() for one in goals.split(",") if one.strip()],
    )  # fmt: skip
    refuse(wanted)
    return wanted


def _new(options: Options) -> Config:
    config = Config(**{name: getattr(options, name) for name in Config.__struct_fields__})
    checked(config, "option", is_whole=False)
    return config


def _begun(
    options: Options, given: list[tuple[str, str]], is_mixed: bool, rest: list[str]
) -> tuple[Config, Exploration]:
    from neuromgd.study.explore import begun

    if given or is_mixed or any(getattr(options, name) for name in LENGTHS):
        raise InputError("option resume: an exploration goes on as it began")
    refuse_changes(rest)
    return begun(Path(str(options.resume)))


def show(config: Config, wanted: Exploration, options: Options) -> None:
    """Explores, draws, and prints the front."""
    from neuromgd.study.explore import explore  # JAX is imported here, not for --help

    console = Console(stderr=True, quiet=options.json)
    with console.status("loading and compiling") as status:

        def watch(text: str) -> None:
            status.update(text)
            if not console.is_terminal:
                console.print(text, highlight=False)

        done = explore(
            config, wanted, watch, options.resume is not None, may_overwrite=options.overwrite
        )
    with telling_of_figures(done.folder):
        draw(done, config)
    if options.json:
        print((done.folder / "summary.json").read_text(), end="")
        return
    Console().print(table(done))
    print(
        f"{len(done.front)} of {done.summary['trials']} designs are on the front; looking took as"
        f" long as {done.summary['runs_worth']:.3g} whole runs"
    )
    reasons = Counter(row["reason"] for row in done.table if row["config"] is None)
    for reason, count in reasons.most_common(5):
        print(printable(f"not run: {count} design{'s' * (count > 1)}: {reason}"))
    if len(reasons) > 5:
        print(f"not run: {len(reasons) - 5} more reasons stand in the table")
    print(f"written to {done.folder}")


def draw(done: "Explored", config: Config) -> Path:
    """Draws an exploration into its folder and returns the file."""
    from neuromgd.plots.explore import explore  # matplotlib is imported here, not for --help

    figures, metric = done.folder / "figures", done.metric
    figures.mkdir(exist_ok=True)
    path = figures / "explore.png"
    explore(
        done.table, dict(COLUMNS[goal] for goal in done.goals), metric.name, metric.label,
        metric.factor, done.names[0], f"{config.task}, {config.chips} chips a design",
        metric.is_higher_better, path,
    )  # fmt: skip
    return path


def table(done: "Explored") -> Table:
    """Returns a row for every design on the front."""
    from neuromgd.timing.rendering import quantity

    result, metric = Table(title="designs that no other one beats"), done.metric
    units = {"time": "s", "energy": "J"}
    for name in ("trial", *done.names, metric.title, *done.goals):
        result.add_column(name, justify="right")
    for row in done.front:
        shown = [str(row["trial"]), *(_shown(row[name]) for name in done.names)]
        spread = row[f"{metric.name}_std"]
        score = metric.tell(row[metric.name])
        shown.append(score if spread is None else f"{score} ± {metric.tell(spread)}")
        for goal in done.goals:
            value = row[COLUMNS[goal][0]]
            if value is None:
                shown.append("unknown")
            else:
                shown.append(quantity(value, units[goal]) if goal in units else f"{value:.2g}")
        result.add_row(*shown)
    return result


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else told(value)
