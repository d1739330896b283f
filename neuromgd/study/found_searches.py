"""What the folders of tolerance searches and explorations tell, gathered for a report."""

from pathlib import Path

from neuromgd.errors import InputError
from neuromgd.options.axes import axes
from neuromgd.options.command import exploration_command, tolerance_command
from neuromgd.options.exploration import GOALS
from neuromgd.options.searches import EXPLORATION, TOLERANCE
from neuromgd.options.tolerance import called, ends_of
from neuromgd.study.explore import TABLE
from neuromgd.study.folder import SUMMARY
from neuromgd.study.found import begun, lacking, named
from neuromgd.study.table_file import read_rows
from neuromgd.study.told import read_summary
from neuromgd.verdict.findings import Card, Findings, Front

_UNFINISHED = "not finished: neuromgd {} --resume goes on with it"


def of_tolerance(path: Path) -> Findings:
    """Returns what the folder of a tolerance search tells."""
    config, wanted = TOLERANCE.kept(path)
    found = begun(path, config, "tolerance search", TOLERANCE.file)
    found = found._replace(command=tolerance_command(config, wanted))
    if not (path / SUMMARY).exists():
        return found._replace(absent=("its card: it is " + _UNFINISHED.format("tolerate"),))
    summary = read_summary(path / SUMMARY)
    rows, metric = summary["card"], named(summary["metric"])
    names = [row["number"] for row in rows]
    card = Card(
        rows, ends_of(config, wanted, names), {name: called(name) for name in names},
        wanted.told(metric),
    )  # fmt: skip
    return found._replace(state="finished", summary=summary, metric=metric, card=card)


def of_exploration(path: Path) -> Findings:
    """Returns what the folder of an exploration tells."""
    config, wanted = EXPLORATION.kept(path)
    found = begun(path, config, "exploration", EXPLORATION.file)
    found = found._replace(command=exploration_command(config, wanted))
    if not (path / SUMMARY).exists():
        return found._replace(absent=("its front: it is " + _UNFINISHED.format("explore"),))
    summary = read_summary(path / SUMMARY)
    names = [name for axis in axes(wanted.over) for name in axis.names]
    try:
        table = read_rows(path / TABLE)
    except InputError as error:
        found, table = lacking(found, "designs beside the front", error), summary["front"]
    goals = {goal: GOALS[goal] for goal in summary["goals"]}
    limits = dict.fromkeys(row["diagnosis"] for row in summary["front"] if row.get("diagnosis"))
    return found._replace(
        state="finished", summary=summary, metric=named(summary["metric"]), verdict=tuple(limits),
        front=Front(table, summary["front"], names, goals),
    )  # fmt: skip
