"""What a folder tells of its run, sweep or estimates, gathered for a report."""

from pathlib import Path
from typing import Any

from neuromgd.errors import InputError
from neuromgd.options.axes import axes, label
from neuromgd.options.command import command, sweep_command
from neuromgd.options.config import Config
from neuromgd.options.grid import FILE, kept
from neuromgd.options.read import from_file
from neuromgd.options.searches import EXPLORATION, TOLERANCE
from neuromgd.plan.plan import NO_PARTS, Parts
from neuromgd.study.asked import estimates_of, of_chips
from neuromgd.study.folder import PARTIAL, SUMMARY
from neuromgd.study.found import begun, lacking, named
from neuromgd.study.found_searches import of_exploration, of_tolerance
from neuromgd.study.gradient import TABLE as ESTIMATES
from neuromgd.study.history import history
from neuromgd.study.open import open_run
from neuromgd.study.sweep import TABLE
from neuromgd.study.table_file import read_rows
from neuromgd.study.told import read_summary
from neuromgd.verdict.findings import Findings
from neuromgd.verdict.row import thinned


def findings(
    folder: str | Path,
    parts: Parts = NO_PARTS,
    with_estimates: bool = True,
    asks_chips: bool = True,
) -> Findings:
    """Gathers what a folder tells; of a finished run also what its chips answer when asked.

    Args:
        folder: Of a run, finished or not, a sweep, a search, an exploration, or estimates.
        parts: What a run was given that no file can hold, such as a network of one's own.
        with_estimates: Whether trained chips are asked for estimates of the gradient.
        asks_chips: Whether they are asked for anything: files alone are read in no time.

    Raises:
        InputError: If the folder holds none of them.
    """
    path = Path(folder)
    if (path / FILE).exists():
        return _of_sweep(path)
    if (path / TOLERANCE.file).exists():
        return of_tolerance(path)
    if (path / EXPLORATION.file).exists():
        return of_exploration(path)
    if not (path / "config.toml").exists():
        raise InputError(f"{path}: holds no run, sweep, search or estimates of neuromgd")
    config = from_file(path / "config.toml")
    if (path / ESTIMATES).exists():
        return _of_estimates(path, config)
    found = _of_files(path, config, parts)
    if not asks_chips or found.state != "finished":
        return found
    try:
        run = open_run(path, parts)
    except InputError as error:
        return lacking(found, "what its chips answer", error)
    return of_chips(found, run, parts, with_estimates)


def _of_files(path: Path, config: Config, parts: Parts) -> Findings:
    found = begun(path, config, "run")
    if (path / SUMMARY).exists():
        summary = read_summary(path / SUMMARY)
        metric = parts.metric or named(summary["metric"])
        found = found._replace(state="finished", summary=summary, metric=metric)
        found = found._replace(
            verdict=tuple(summary["explanations"]), advice=tuple(summary.get("advice", ()))
        )
    else:
        found = found._replace(**_unfinished(path, config))
    try:
        found = found._replace(rows=thinned(history(path, found.metric.name)))
    except InputError as error:
        found = lacking(found, "the history", error)
    if found.state == "finished":
        return found
    return found._replace(absent=(*found.absent, "what its chips answer: it is not finished"))


def _unfinished(path: Path, config: Config) -> dict[str, Any]:
    from neuromgd.data import TASKS

    metric = named(config.metric or TASKS[config.task].metric)
    summary: dict[str, Any] = {"task": config.task, "metric": metric.name, "chips": config.chips}
    state = "not finished"
    if (path / PARTIAL).exists():
        told = read_summary(path / PARTIAL)
        state = f"interrupted after {told['window']:,} of {told['windows']:,} windows"
    return {"state": state, "summary": summary, "metric": metric}


def _of_sweep(path: Path) -> Findings:
    design, config = kept(path)
    found = begun(path, config, "sweep", FILE)._replace(command=sweep_command(config, design))
    if not (path / SUMMARY).exists():
        return found._replace(absent=("its table: it is not finished",))
    summary = read_summary(path / SUMMARY)
    try:
        chips = read_rows(path / TABLE)
    except InputError as error:
        found, chips = lacking(found, "single chips", error), []
    names = {name: label(name) for axis in axes(design.over) for name in axis.names}
    firsts = [axis.names[0] for axis in axes(design.over)]
    worst = sorted(
        {point["diagnosis"] for point in summary["points"] if point.get("diagnosis")},
    )
    return found._replace(
        state="finished", summary=summary, metric=named(summary["metric"]), verdict=tuple(worst),
        sweep={
            "points": summary["points"], "axes": {name: names[name] for name in firsts},
            "names": list(names), "chips": chips, "chance": summary["chance"],
            "target": design.target, "is_design": design.kind != "grid",
            "left_out": summary["left_out"],
        },
    )  # fmt: skip


def _of_estimates(path: Path, config: Config) -> Findings:
    summary = read_summary(path / SUMMARY)
    before = [summary["trained"]] if summary["trained"] else []
    before += ["--samples", str(summary["samples"]), "--within", str(summary["within"])]
    told = begun(path, config, "gradient")
    return told._replace(
        state="finished", summary=summary, command=command(config, "gradient", before),
        estimates=estimates_of(summary, read_rows(path / ESTIMATES)),
    )  # fmt: skip
