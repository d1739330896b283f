"""Writes what was measured into docs/performance.md, between two marks, and draws its figure."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figure import draw
from benchmarks.group import Finding
from benchmarks.report import bound, number, quantity

DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"


def document(measured: dict[str, Any], docs: Path = DOCS) -> None:
    """Renews the numbers, tables and figure of the groups that were measured.

    Args:
        measured: What ``report.numbers`` gives; groups that are not in it stay as they were.
        docs: Folder of performance.md, performance.json and figures.
    """
    path = docs / "performance.json"
    groups = json.loads(path.read_text())["groups"] if path.exists() else {}
    whole = {"machine": measured["machine"], "groups": groups | measured["groups"]}
    path.write_text(json.dumps(whole, indent=1) + "\n")
    page = docs / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{tables(whole)}\n{END}{after}")
    draw(whole, docs / "figures" / "performance.png")


def tables(whole: dict[str, Any]) -> str:
    """Returns all tables as Markdown."""
    machine = whole["machine"]
    versions = ", ".join(f"{name} {machine[name]}" for name in ("jax", "jaxlib", "numpy"))
    intro = (
        f"{machine['processor']}, {machine['cores']} cores, JAX on {machine['jax_device']},"
        f" Python {machine['python']}, {versions}. Other work shared the cores where the load"
        " average is above 2.\n"
    )
    return intro + "".join(_group(name, group) for name, group in whole["groups"].items())


def _group(name: str, group: dict[str, Any]) -> str:
    lines = [f"\n`python -m benchmarks {name}`, load average {group['load']:.1f}\n"]
    if group["cases"]:
        unit = group["unit"]
        lines += [f"| case | what | median of one {unit} | quartiles | trace + compile |"]
        lines += ["|---|---|---|---|---|"]
    for case, timing in group["cases"].items():
        low, middle, high = np.quantile(timing["seconds"], [0.25, 0.5, 0.75])
        spent = timing["trace_seconds"] + timing["compile_seconds"]
        lines.append(
            f"| `{case}` | {timing['what']} | {quantity(middle)} |"
            f" {quantity(low)} – {quantity(high)} | {f'{spent:.1f} s' if spent else ''} |"
        )
    lines += ["", "| finding | value | asked |", "|---|---|---|"]
    for values in group["findings"]:
        found = Finding(**values)
        lines.append(f"| {found.name} | {number(found)} | {bound(found)} |")
    return "\n".join(lines) + "\n"
