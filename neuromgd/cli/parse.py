"""Options into a structure: what tyro refuses is told in one line."""

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any, TypeVar

import tyro

from neuromgd.errors import InputError

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
            return tyro.cli(into, prog=f"neuromgd {command}", args=arguments, **given)
    except SystemExit as stop:
        if stop.code in (0, None):
            raise
        raise InputError(one_line(complaint.getvalue())) from None


def one_line(complaint: str) -> str:
    """Returns the sentence inside the box that tyro draws around a complaint."""
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", row).strip() for row in complaint.splitlines()]
    rows = [row.strip("│ ") for row in rows if not row.startswith(("╭", "╰"))]
    # Below the rule tyro repeats the help of the option.
    rule = next((i for i, row in enumerate(rows) if row and set(row) <= {"─"}), len(rows))
    return " ".join(row for row in rows[:rule] if row).partition(" Got errors:")[0]
