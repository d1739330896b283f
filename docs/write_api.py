"""Writes api.md from the docstrings of the public names.

Run from the root of the repository: python docs/write_api.py; with --check it writes nothing and
fails if the page is not what the docstrings say.
"""

import inspect
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import neuromgd

PAGE = Path(__file__).parent / "api.md"

# Heading -> public names under it, in the order that a reader needs them.
SECTIONS = {
    "Run": [
        "train", "sweep", "open_run", "draw", "Progress", "Events", "report", "Run", "Sweep", "Row",
        "Parts",
    ],
    "Ask": [
        "evaluate", "Evaluated", "list_runs", "Listed", "network_weights", "export_weights",
        "tolerate", "Tolerance", "Card", "explore", "Exploration", "Explored"],
    "Configure": [
        "Config", "NetworkConfig", "ArrayConfig", "LearningConfig", "SynapseConfig", "DeviceConfig",
        "BusConfig",
    ],
    "Data and networks": [
        "Dataset", "Sample", "Task", "Source", "Metric", "MLP", "Network", "Neurons", "from_module",
    ],
    "The chip": [
        "Machine", "Design", "ChipParams", "Tau", "SynapseParams", "DeviceParams", "NetworkParams",
        "BusParams", "Chip", "fabricate", "weights", "step", "window", "root_key",
    ],
    "Families": [
        "TASKS", "METRICS", "COSTS", "CODES", "code", "RULES", "rule", "LAWS", "MODES",
        "REFERENCES", "ENGINES", "Code", "Law", "Mode", "Reference",
    ],
    "Engines and instruments": ["Engine", "Instrument"],
    "Data sheets": ["sheet_names", "load_device", "load_platform"],
    "The clock": ["Workload", "Schedule", "Report", "time_run"],
    "Plans": ["Plan", "prepare"],
    "Processors": ["use_cores", "keep_programs"],
    "What can go wrong": [
        "InputError", "DivergedError", "LostProcessError", "RoundingWarning", "SlowEngineWarning",
        "ProbedWarning",
        "UncutWarning",
    ],
}  # fmt: skip


def text() -> str:
    """Returns the page."""
    others = sorted(
        set(neuromgd.__dir__())
        - {"__version__"}
        - {name for names in SECTIONS.values() for name in names}
    )
    sections = SECTIONS | ({"More": others} if others else {})
    parts = [
        "# The library",
        "Written by `docs/write_api.py` from the docstrings; `import neuromgd as nm`.",
    ]
    for heading, names in sections.items():
        parts.append(f"## {heading}")
        parts += [entry(name, getattr(neuromgd, name)) for name in names]
    return "\n\n".join(parts) + "\n"


def entry(name: str, member: Any) -> str:
    """Returns what the page says of one name."""
    if isinstance(member, Mapping):
        return f"### nm.{name}\n\nName → member: {', '.join(f'`{key}`' for key in member)}."
    if not inspect.isclass(member) and not inspect.isfunction(member):
        return f"### nm.{name}\n\n{inspect.cleandoc(type(member).__doc__ or '')}"
    signature = ""
    if inspect.isfunction(member):
        signature = "(" + ", ".join(map(shown, inspect.signature(member).parameters.values())) + ")"
    doc = textwrap.indent(inspect.getdoc(member) or "", "    ")
    return f"### nm.{name}{signature}\n\n{doc}{methods(name, member)}"


def shown(parameter: inspect.Parameter) -> str:
    """Returns a parameter as a reader writes it."""
    return parameter.name + ("=…" if parameter.default is not parameter.empty else "")


def methods(name: str, member: Any) -> str:
    """Returns the public methods that a class has of its own."""
    if not inspect.isclass(member):
        return ""
    found = []
    for key, own in vars(member).items():
        if inspect.isfunction(own) and not key.startswith("_") and own.__doc__:
            listed = list(inspect.signature(own).parameters.values())[1:]
            doc = textwrap.indent(inspect.getdoc(own) or "", "    ")
            if own.__module__ == member.__module__:
                found.append(f"\n\n#### nm.{name}.{key}({', '.join(map(shown, listed))})\n\n{doc}")
    return "".join(found)


def main() -> None:
    """Writes or checks the page."""
    if "--check" not in sys.argv:
        PAGE.write_text(text(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text():
        sys.exit("docs/api.md is not what the docstrings say: run python docs/write_api.py")


if __name__ == "__main__":
    main()
