"""The figures of ``neuromgd time``: where energy goes, what limits work, what learning costs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuromgd.cli.files import FIGURES, writable, written
from neuromgd.errors import InputError
from neuromgd.timing import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What each figure needs beside a platform.
NAMES = ("energy", "roofline", "accuracy")


def wanted(names: dict[str, str], run: str, compare: str) -> dict[str, Path]:
    """Checks what is asked for, before any work.

    Args:
        names: File by figure; "" for none.
        run: Folder of a finished run; "" for none.
        compare: Platforms side by side; "" for none.

    Raises:
        InputError: If a file cannot be written, or a figure needs what is not given.
    """
    if names["accuracy"] and not run:
        raise InputError("--accuracy: needs --run, the folder of a finished training run")
    if names["roofline"] and compare:
        raise InputError("--compare and --roofline: exclude each other; give one")
    return {
        option: writable(f"--{option}", name, FIGURES) for option, name in names.items() if name
    }


def draw(paths: dict[str, Path], reports: Sequence[Report], run: str) -> None:
    """Draws the figures that are asked for.

    Raises:
        InputError: If nothing is known that could be drawn, or a file cannot be written.
    """
    if not paths:
        return
    how: dict[str, Callable[[], Figure]] = {
        "energy": lambda: energy(reports),
        "roofline": lambda: roofline(reports[0]),
        "accuracy": lambda: accuracy(reports, Path(run)),
    }
    from neuromgd.plots.save import save

    for option, path in paths.items():
        figure = how[option]()
        written(f"--{option}", path, lambda path, figure=figure: save(figure, path))


def energy(reports: Sequence[Report]) -> "Figure":
    """Draws the energy of a timestep: by cause on one platform, by platform on several."""
    from neuromgd.plots.energy import energy as drawn

    known = [report for report in reports if report.joules is not None]
    if not known:
        missing = ", ".join(reports[0].missing)
        raise InputError(f"--energy: {reports[0].platform.name} does not know {missing}")
    report, steps = known[0], known[0].workload.steps
    if len(reports) > 1:
        tables = {one.platform.name: one.energy.by(0) for one in known}
        title = f"energy of a timestep, {report.schedule.name}"
    else:
        tables = report.energy.of_causes
        title = f"{report.platform.name}, {report.schedule.name}: energy of a timestep"
    components = dict.fromkeys(part for table in tables.values() for part in table)
    parts = {
        part: [float(table.get(part) or 0) / steps for table in tables.values()]
        for part in components
    }
    return drawn(list(tables), parts, title, is_share=len(reports) > 1)


def roofline(report: Report) -> "Figure":
    """Draws what limits the work of a platform, over the length of a window."""
    from neuromgd.plots.roofline import roofline as drawn
    from neuromgd.timing.limits import limits

    found = limits(report)
    title = f"{report.platform.name}, {report.schedule.name}: what limits the work"
    return drawn(found.windows, found.rates, (found.window, found.rate), title)


def accuracy(reports: Sequence[Report], run: Path) -> "Figure":
    """Draws the score of a finished run against time and energy on every platform."""
    from neuromgd.data.metrics import METRICS
    from neuromgd.plots.accuracy import accuracy as drawn
    from neuromgd.study.history import history
    from neuromgd.study.told import read_summary
    from neuromgd.verdict.row import thinned

    summary = read_summary(run / "summary.json", may_be_older=True)
    metric = METRICS[summary["metric"]]
    rows = thinned(history(run, metric.name))
    spent = {
        report.platform.name: [report.at(row.step) if row.step else (0.0, 0.0) for row in rows]
        for report in reports
    }
    return drawn(
        {name: [seconds for seconds, _ in rows] for name, rows in spent.items()},
        {
            report.platform.name: [joules or 0.0 for _, joules in spent[report.platform.name]]
            for report in reports if report.joules is not None
        },
        [metric.factor * row.score for row in rows],
        metric.label,
        f"{summary['task']}: what learning takes on the hardware",
    )  # fmt: skip
