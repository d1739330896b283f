"""What is wrong in a sheet: where it stands, and what is allowed there."""

import re
import typing
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec


class Problem(NamedTuple):
    """One thing that cannot be used.

    Attributes:
        key: Dotted path of the key.
        reason: What was read and what is allowed.
    """

    key: str
    reason: str


def describe(path: Path, text: str, problem: Problem) -> str:
    """Returns ``file:line: key: reason``, in one line."""
    reason = " ".join(problem.reason.split())
    return f"{path}:{line_of(text, problem.key)}: {problem.key}: {reason}"


def line_of(text: str, key: str) -> int:
    """Returns the line on which a key stands, or the table that it is missing from."""
    lines, wanted = _lines(text), tuple(key.split("."))
    for depth in range(len(wanted), 0, -1):
        if wanted[:depth] in lines:
            return lines[wanted[:depth]]
    return 1


@lru_cache(maxsize=4)  # all problems of a sheet are looked up in one text
def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Returns the first line of every key and table of a file."""
    table: list[str] = []
    found: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\[\]]+)\]+", line)
        assigned = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if header:
            table = _names(header[1])
            here = table
        elif assigned:
            here = [*table, *_names(assigned[1])]
        else:
            continue
        found.setdefault(tuple(here), number)
    return found


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]


def of_fields(table: Any, into: type[msgspec.Struct], key: str = "") -> Iterator[Problem]:
    """Yields every problem of one table: unknown keys, missing keys, values of a wrong kind."""
    if not isinstance(table, dict):
        yield Problem(key, f"{shown(table)}: expected a table [{key}]")
        return
    fields = {field.name: field for field in msgspec.structs.fields(into)}
    prefix = f"{key}." if key else ""
    for name in table.keys() - fields.keys():
        yield Problem(prefix + name, f"unknown key; allowed are {', '.join(fields)}")
    for name, field in fields.items():
        if name not in table:
            if field.required:
                yield Problem(prefix + name, "is missing")
        elif (reason := refusal(table[name], field.type)) is not None:
            yield Problem(prefix + name, f"{shown(table[name])}: {reason}")


def refusal(value: Any, kind: Any) -> str | None:
    """Returns why a value is not of a kind, or None if it is."""
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        if typing.get_origin(kind) is typing.Literal:
            return "allowed are " + ", ".join(map(str, typing.get_args(kind)))
        return str(error).partition(" - at ")[0]
    return None


def shown(value: Any) -> str:
    """Returns a value as a complaint shows it: short, in one line."""
    text = ascii(value)
    return text if len(text) <= 40 else text[:37] + "..."
