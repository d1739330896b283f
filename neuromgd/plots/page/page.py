"""What was found of runs, sweeps and estimates as one file of HTML that asks for no other.

No script runs in it, and styles are allowed in its one sheet alone, which the policy in its head
names by its digest: whatever a folder brings in is text.
"""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from neuromgd.plots.page import figures, many_figures, many_tables, tables
from neuromgd.plots.page.grid import Grid
from neuromgd.plots.page.panels import Shown
from neuromgd.plots.page.svg import Looks
from neuromgd.plots.page.theme import themed
from neuromgd.shown import one_line, printable
from neuromgd.verdict.findings import Findings

HERE = Path(__file__).parent
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="neuromgd">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{sheet}</style>
</head>
<body>
"""


class Part(NamedTuple):
    """What the page tells of one folder.

    Attributes:
        heading: Its name and what was run.
        found: What was found.
        facts: (name, value) of what is told first.
        sentences: Below the verdict.
        sections: (heading, figures).
        tables: Below them.
        versions: Of what computed it.
    """

    heading: str
    found: Findings
    facts: Sequence[tuple[str, str]]
    sentences: Sequence[str]
    sections: Sequence[tuple[str, Sequence[Shown]]]
    tables: Sequence[Grid]
    versions: str


class Comparison(NamedTuple):
    """Several runs beside each other."""

    tables: Sequence[Grid]
    figures: Sequence[Shown]


def page(every: Sequence[Findings], version: str, title: str = "") -> str:
    """Returns a page of HTML.

    Args:
        every: What was found, a folder each.
        version: Of what writes it.
        title: Of the page; "": told by what is on it.
    """
    looks = Looks()
    with themed():
        parts = [_part(found, looks) for found in every]
        comparison = _comparison(every, looks)
    own_title = title or _title(every)
    body = (
        _templates()
        .get_template("page.html")
        .render(title=own_title, parts=parts, comparison=comparison, version=version)
    )
    sheet = (HERE / "page.css").read_text(encoding="utf-8") + looks.sheet
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    head = _HEAD.format(digest=digest, title=escape(one_line(own_title)), sheet=sheet)
    return f"{head}{body}\n</body>\n</html>\n"


def _title(every: Sequence[Findings]) -> str:
    """Returns what was run, in some words."""
    tasks = dict.fromkeys(str(one.summary["task"]) for one in every if "task" in one.summary)
    told = ", ".join(tasks) or "report"
    if len(every) > 1:
        return f"{told}: {len(every)} folders"
    chips = every[0].summary.get("chips")
    return told if chips is None else f"{told}, {chips} chip{'s' * (chips != 1)}"


def _templates() -> Environment:
    """Returns templates in which all that comes from outside is plain, visible text."""
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_visible,
    )  # fmt: skip
    made.filters["lines"] = lambda text: escape(printable(text))
    return made


def _visible(value: Any) -> Any:
    """Returns text without control characters or others that turn what stands beside them."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _part(found: Findings, looks: Looks) -> Part:
    summary = found.summary
    task = summary.get("task", "")
    heading = f"{found.name}: {found.kind}" + (f" of {task}" if task else "")
    versions = ", ".join(f"{name} {one}" for name, one in summary.get("versions", {}).items())
    return Part(
        heading, found, tables.facts(found), tables.sentences(found), _sections(found, looks),
        tables.tables(found), versions,
    )  # fmt: skip


def _sections(found: Findings, looks: Looks) -> list[tuple[str, list[Shown]]]:
    """Returns the figures of a folder under their headings; a heading without a figure is none."""
    some: list[tuple[str, list[Shown | None]]] = []
    if found.rows:
        some.append(("How it learnt", list(figures.learning(found, looks))))
    if found.sweep is not None:
        some.append(("What was reached", [many_figures.swept(found, looks)]))
    if found.card is not None:
        some.append(
            ("How bad each may be", [many_figures.card(found.card, found.summary["task"], looks)])
        )
    if found.front is not None:
        front = many_figures.front(found.front, found, looks)
        some.append(("What no other design beats", [front]))
    if found.picture is not None:
        some.append(("What chips tell", [figures.picture(found.picture, looks)]))
    held: list[Shown | None] = []
    if found.weights:
        held.append(figures.weights(found.weights, found.bounds, looks))
    if found.noises:
        held.append(figures.noise(found.noises, found.summary["delta_cost"], looks))
    some.append(("What chips hold and hear", held))
    if found.estimates is not None:
        some.append(("What chips estimate", list(figures.estimates(found, looks))))
    if found.hardware is not None:
        some.append(("Where time and energy go", [
            figures.chart(found.hardware, looks), figures.energy(found.hardware, looks),
        ]))  # fmt: skip
    drawn = [(heading, [one for one in shown if one is not None]) for heading, shown in some]
    return [(heading, shown) for heading, shown in drawn if shown]


def _comparison(every: Sequence[Findings], looks: Looks) -> Comparison | None:
    runs = [one for one in every if one.kind == "run" and one.metric is not None]
    if len(runs) < 2:
        return None
    drawn = []
    for name in dict.fromkeys(one.metric.name for one in runs):
        alike = [one for one in runs if one.metric.name == name and one.rows]
        if len(alike) > 1:
            drawn.append(many_figures.overlay(alike, looks))
    return Comparison([many_tables.compared(runs)], drawn)
