"""Every option by its dotted name: what it takes, in which unit, and what it means."""

import ast
import inspect
import itertools
import re
import textwrap
import types
import typing
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec
import tyro

from neuromgd.options.config import Config


class Option(NamedTuple):
    """One option.

    Attributes:
        name: Its key in a configuration file, with dots.
        meaning: What it is, as help says.
        unit: In which a number is given; "": in none.
        kinds: What values are: float, int, bool, str, tuple.
        words: Which words it takes; (): any text, or none.
        may_be_absent: Whether it may be none.
        most: Largest number that is allowed; None: there is none.
        default: What stands if nobody gives it.
    """

    name: str
    meaning: str
    unit: str
    kinds: frozenset[type]
    words: tuple[str, ...]
    may_be_absent: bool
    most: float | None
    default: Any

    @property
    def is_number(self) -> bool:
        """Whether it takes a number."""
        return bool(self.kinds & {int, float})


@cache
def catalogue() -> dict[str, Option]:
    """Returns every option of a run, in the order of help."""
    return {one.name: one for one in _of(Config, "")}


def _of(struct: Any, prefix: str) -> list[Option]:
    hints = typing.get_type_hints(struct, include_extras=True)
    told, found = _meanings(struct), []
    for field in msgspec.structs.fields(struct):
        kind = hints[field.name]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found += _of(kind, f"{field.name}.")
            continue
        kinds, words, helps = _parts(kind)
        meaning = " ".join(helps) or told.get(field.name, "")
        unit = re.search(r"\[([^]]+)\]", meaning)
        default = field.default
        found.append(
            Option(
                prefix + field.name,
                meaning,
                "" if unit is None or unit[1] == "1" else unit[1],
                frozenset(kinds - {type(None)}),
                tuple(words),
                type(None) in kinds,
                _most(kind),
                None if default is msgspec.NODEFAULT else default,
            )
        )
    return found


def _parts(kind: Any) -> tuple[set[type], list[str], list[str]]:
    """Returns the plain types in an annotation, its words, and the help that it carries."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        kinds, words, helps = _parts(inside[0])
        own = [getattr(one, "help", None) for one in inside[1:] if _is_argument(one)]
        return kinds, words, helps + [text for text in own if text]
    if origin is Literal:
        return {type(word) for word in inside}, [str(word) for word in inside], []
    if origin in (typing.Union, types.UnionType):
        parts = [_parts(one) for one in inside]
        kinds = set().union(*(part[0] for part in parts))
        return kinds, [w for part in parts for w in part[1]], [h for part in parts for h in part[2]]
    return {origin or kind}, [], []


def _most(kind: Any) -> float | None:
    inside = typing.get_args(kind)
    own: list[Any] = [
        one.le for one in inside if isinstance(one, msgspec.Meta) and one.le is not None
    ]
    own += [most for one in inside if (most := _most(one)) is not None]
    return None if not own else float(min(own))


def _is_argument(one: Any) -> bool:
    return type(one) is type(tyro.conf.arg(help="x"))


@cache
def _meanings(struct: type) -> dict[str, str]:
    """Returns the sentences that stand below the fields of a structure and of its bases."""
    found: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):  # made by a function; such fields carry their own help
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for field, below in itertools.pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                text = getattr(getattr(below, "value", None), "value", None)
                if isinstance(text, str):
                    found[field.target.id] = " ".join(text.split())
    return found
