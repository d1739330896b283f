"""``neuromgd explore``: finds the designs that no other one beats."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType

from neuromgd.cli.result import as_table
from neuromgd.cli.searching import Given, Search, search
from neuromgd.cli.sweep import axes_of, split, whole
from neuromgd.options.axes import axes
from neuromgd.options.config import Config
from neuromgd.options.exploration import GOALS, Exploration, refuse
from neuromgd.options.searches import EXPLORATION
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


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd explore``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    is_mixed = "--mix" in arguments
    given, rest = split([one for one in arguments if one != "--mix"], OWN)
    own = Given(bool(given) or is_mixed, lambda: asked(given, is_mixed), rest)
    search(own, _loaded, EXPLORATION)


def _loaded() -> Search:
    from neuromgd.study.explore import explore

    return Search(EXPLORATION, explore, draw, tell)


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


def draw(done: "Explored", config: Config) -> Path:
    """Draws an exploration into its folder and returns the file."""
    from neuromgd.plots.explore import explore  # matplotlib is imported here, not for --help

    figures, metric = done.folder / "figures", done.metric
    figures.mkdir(exist_ok=True)
    path = figures / "explore.png"
    explore(
        done.table, {GOALS[goal][0]: GOALS[goal][1] for goal in done.goals}, metric.name,
        metric.label, metric.factor, done.names[0], f"{config.task}, {config.chips} chips a design",
        metric.is_higher_better, path,
    )  # fmt: skip
    return path


def tell(done: "Explored", config: Config) -> Iterator[RenderableType]:
    """Yields the front, and why designs were not run."""
    from neuromgd.plots.page.many_tables import front

    del config
    yield as_table(front(done.front, done.metric, done.names, done.goals))
    yield (
        f"{len(done.front)} of {done.summary['trials']} designs are on the front; looking took as"
        f" long as {done.summary['runs_worth']:.3g} whole runs"
    )
    reasons = Counter(row["reason"] for row in done.table if row["config"] is None)
    for reason, count in reasons.most_common(5):
        yield printable(f"not run: {count} design{'s' * (count > 1)}: {reason}")
    if len(reasons) > 5:
        yield f"not run: {len(reasons) - 5} more reasons stand in the table"
