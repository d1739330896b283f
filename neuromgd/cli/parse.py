"""Options into a structure: what tyro refuses is told in one line."""

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any, TypeVar

import tyro

from neuromgd.errors import InputError
from neuromgd.nearest import suggestion
from neuromgd.whole import whole

T = TypeVar("T")


def parse(
    into: Callable[..., T], command: str, arguments: list[str], default: T | None = None
) -> T:
    """Reads the options of one command.

    Args:
        into: Structure or function whose fields are the options.
        command: Name of the command, for its help.
        arguments: What stands after it.
        default: Values of the options that are not given.

    Raises:
        InputError: If an option is unknown, or its value cannot be read.
    """
    complaint = io.StringIO()
    given: dict[str, Any] = {} if default is None else {"default": default}
    try:
        with contextlib.redirect_stderr(complaint):
            prog = f"neuromgd {command}"
            return tyro.cli(into, prog=prog, args=arguments, registry=numbers(), **given)
    except SystemExit as stop:
        if stop.code in (0, None):
            raise
        told = one_line(complaint.getvalue())
        raise InputError(f"{told}{meant(told, into)}") from None


def meant(complaint: str, into: Any) -> str:
    """Returns what a user may have meant who wrote an option or a choice that there is not."""
    unknown = re.search(r"Unrecognized options: --([^\s,=]+)", complaint)
    if unknown:
        from neuromgd.options.catalogue import catalogue  # reads sources: only for a complaint

        own = list(getattr(into, "__annotations__", {}))
        known = [*own, *(catalogue() if hasattr(into, "__struct_fields__") else ())]
        return suggestion(unknown[1], [name.replace("_", "-") for name in known], "--")
    choice = re.search(r"invalid choice '([^']*)'.*Expected one of \((.*)\)", complaint)
    return suggestion(choice[1], re.findall(r"'([^']*)'", choice[2])) if choice else ""


def numbers() -> tyro.constructors.ConstructorRegistry:
    """Returns how options read their numbers: whole ones also as 1e9."""
    registry = tyro.constructors.ConstructorRegistry()

    @registry.primitive_rule
    def rule(kind: tyro.constructors.PrimitiveTypeInfo) -> Any:
        if kind.type is not int:
            return None
        return tyro.constructors.PrimitiveConstructorSpec(
            nargs=1, metavar="INT", instance_from_str=lambda words: read_whole(words[0]),
            is_instance=lambda value: isinstance(value, int) and not isinstance(value, bool),
            str_from_instance=lambda value: [str(value)],
        )  # fmt: skip

    return registry


def read_whole(text: str) -> int:
    """Reads a whole number as tyro wants it: complaining by ValueError."""
    try:
        return whole(text)
    except InputError as error:
        raise ValueError(str(error)) from None


def one_line(complaint: str) -> str:
    """Returns the sentence inside the box that tyro draws around a complaint."""
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", row).strip() for row in complaint.splitlines()]
    is_rule = lambda row: row != "" and set(row) <= {"─", "-"}
    if not any(row.startswith("╭") for row in rows):
        # A terminal that knows no boxes has a title and a rule instead.
        first = next((number for number, row in enumerate(rows) if is_rule(row)), -1)
        rows = rows[first + 1 :]
    rows = [row.strip("│ ") for row in rows if not row.startswith(("╭", "╰"))]
    # Below the rule tyro repeats the help of the option.
    end = next((number for number, row in enumerate(rows) if is_rule(row)), len(rows))
    return " ".join(row for row in rows[:end] if row).partition(" Got errors:")[0]
