"""A claim against its command: what holds, what does not, and the page made anew."""

from collections.abc import Mapping
from typing import Any

from docs.claims.claim import Claim
from docs.claims.page import ROOT, read, sentences
from docs.claims.sentence import Figure, written


def check(claim: Claim, values: Mapping[str, Any], text: str | None = None) -> list[str]:
    """Returns a line for every figure of a page that its command does not give; []: all hold.

    Args:
        claim: What is checked.
        values: What its command gave.
        text: Of the page; None: as it is.
    """
    figures = [
        figure
        for found in sentences(claim, read(claim.page) if text is None else text)
        for figure in found.figures
    ]
    by_name = {figure.name: figure.number for figure in figures}
    lines = []
    for figure in figures:
        value, room = values[figure.name], claim.tolerance.get(figure.name)
        room = by_name[room] if isinstance(room, str) else room
        if not holds(figure, value, room):
            given = format(value, figure.form)
            within = "" if room is None else f" ± {room:g}"
            lines.append(
                f"{claim.page}: {figure.name} of {claim.name} is {figure.text}{within},"
                f" `{claim.command}` gives {given}"
            )
    return lines


def holds(figure: Figure, value: Any, room: float | None) -> bool:
    """Tells whether a figure is what was measured, to its digits or within some room."""
    if room is None:
        return format(value, figure.form) == figure.text
    return abs(figure.number - value) <= room + figure.grain


def renew(claim: Claim, values: Mapping[str, Any]) -> None:
    """Writes what a command gave into the page."""
    text = read(claim.page)
    for found in sorted(sentences(claim, text), reverse=True):
        text = written(text, found, values)
    (ROOT / claim.page).write_text(text, encoding="utf-8")
