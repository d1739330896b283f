"""Renews what is made from declarations: the tables of devices.md, the schema of device sheets.

Run from the root of the repository: python docs/number_tables.py
"""

import json
import re
from pathlib import Path

from neuromgd import cell_numbers
from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.cell_numbers import LAW_NUMBERS
from neuromgd.device.laws import LAWS
from neuromgd.numbers import INFINITY, POSITIVE, Number
from neuromgd.sheets.device import schema

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "devices.md"
SCHEMA = ROOT / "hardware_models" / "schema" / "device.json"
# A table begins with the name of its group in cell_numbers, LAWS or CELL_CHOICES.
_MARKED = re.compile(r"(<!-- numbers (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def laws() -> str:
    """Returns a row for every update law."""
    lines = ["| law | one pulse up; down | numbers |", "|---|---|---|"]
    for name, law in LAWS.items():
        own = ", ".join(f"`{key}`" for key, number in LAW_NUMBERS.items() if name in number.of)
        lines.append(f"| `{name}` | {law.step} | {own or ('`[tables]`' if law.draw else '')} |")
    return "\n".join(lines) + "\n"


def numbers(group: str) -> str:
    """Returns a row for every number of a group of ``cell_numbers``."""
    lines = ["| parameter | unit | range | effect |", "|---|---|---|---|"]
    for name, number in getattr(cell_numbers, group).items():
        meaning = number.meaning.replace("|", r"\|")
        lines.append(f"| `{name}` | {number.unit} | {allowed(number)} | {meaning} |")
    return "\n".join(lines) + "\n"


def choices() -> str:
    """Returns a row for every choice of a cell."""
    lines = ["| choice | words | meaning |", "|---|---|---|"]
    for name, choice in CELL_CHOICES.items():
        words = ", ".join(f"`{word}`" for word in choice.words)
        lines.append(f"| `{name}` | {words} | {choice.text} |")
    return "\n".join(lines) + "\n"


def allowed(number: Number) -> str:
    """Returns the range of a number in words."""
    low, high = number.limits
    if low == -INFINITY and high == INFINITY:
        return "any"
    if high == INFINITY:
        return "> 0" if low == POSITIVE[0] else f"≥ {low:g}"
    return f"{low:g} … {high:g}"


def page(text: str) -> str:
    """Returns the page with its tables made anew."""
    special = {"LAWS": laws, "CELL_CHOICES": choices}
    made = lambda group: special[group]() if group in special else numbers(group)
    return _MARKED.sub(lambda found: found[1] + made(found[2]) + found[3], text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
