"""A sentence of the docs with places for figures, such as ``accuracy {accuracy:.1f} %``."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_PLACE = re.compile(r"\{(\w+):([^}]*)\}")
_NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"


class Figure(NamedTuple):
    """One figure as it stands in a text.

    Attributes:
        name: Of its place in the sentence.
        form: How it is written, a format of Python.
        text: What stands there.
        span: Where, from the beginning of the text.
    """

    name: str
    form: str
    text: str
    span: tuple[int, int]

    @property
    def number(self) -> float:
        """The figure as a number."""
        return float(self.text.replace(",", ""))

    @property
    def grain(self) -> float:
        """Half a unit of its last digit."""
        mantissa, _, exponent = self.text.partition("e")
        decimals = len(mantissa.partition(".")[2])
        return 0.5 * 10.0 ** (int(exponent or 0) - decimals)


class Found(NamedTuple):
    """A sentence where it stands in a text.

    Attributes:
        span: Of all of it.
        figures: In their order.
    """

    span: tuple[int, int]
    figures: tuple[Figure, ...]


def find(sentence: str, text: str, start: int = 0, end: int | None = None) -> list[Found]:
    """Returns where a sentence stands between two places of a text, whatever its figures are."""
    places, pattern, last = [], "", 0
    for place in _PLACE.finditer(sentence):
        pattern += _literal(sentence[last : place.start()]) + f"({_NUMBER})"
        places.append(place.groups())
        last = place.end()
    found = re.compile(pattern + _literal(sentence[last:]))
    return [
        Found(
            one.span(),
            tuple(
                Figure(name, form, one[n], one.span(n))
                for n, (name, form) in enumerate(places, start=1)
            ),
        )
        for one in found.finditer(text, start, len(text) if end is None else end)
    ]


def written(text: str, found: Found, values: Mapping[str, Any]) -> str:
    """Returns the text with the figures of a sentence written anew."""
    for figure in reversed(found.figures):
        start, end = figure.span
        text = text[:start] + format(values[figure.name], figure.form) + text[end:]
    return text


def _literal(text: str) -> str:
    # A sentence may be broken anywhere, also within a comment of a code block.
    return r"\s+".join(re.escape(word) for word in re.split(r"\s+", text))
