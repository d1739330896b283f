"""The pages: which block a claim marks, and which figures nobody accounts for."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from docs.claims.claim import Claim
from docs.claims.sentence import Found, find

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md", "docs/results.md", "docs/devices.md", "docs/timing.md", "docs/performance.md",
    "docs/questions.md",
)  # fmt: skip

# A number with a unit is a figure; a number without one may be a name, a shape or a setting.
_FIGURE = re.compile(
    r"(?<![\w.^-])\d[\d,.]*(?:\s?(?:%|°|×)|\s(?:points?|s|ms|µs|ns|min|minutes?|hours?|J|mJ|"
    r"ticks|sheets)(?!\w))"
)
_MARK = re.compile(r"<!-- (command|given): (.*?) -->", re.DOTALL)
# What another script makes from its own record stands between marks of its own.
_MADE = re.compile(
    r"<!-- numbers \w+ -->.*?<!-- end -->|<!-- measured -->.*?<!-- end of what was measured -->",
    re.DOTALL,
)


class Block(NamedTuple):
    """A paragraph, list, table or code block.

    Attributes:
        span: Where it stands in the page, its mark included.
        claims: Names of the claims that its mark names.
        is_given: Whether the mark says that its figures are of no command, and why.
    """

    span: tuple[int, int]
    claims: tuple[str, ...] = ()
    is_given: bool = False


def read(page: str) -> str:
    """Returns the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """Returns the blocks of a page: an empty line ends one, but not within a code block."""
    start, place, is_code, has_text = 0, 0, False, False
    for line in text.splitlines(keepends=True):
        if line.startswith("```"):
            is_code = not is_code
        place += len(line)
        if line.strip() or is_code:
            has_text = True
            continue
        if has_text:
            yield _block(text, start, place)
        start, has_text = place, False
    if has_text:
        yield _block(text, start, place)


def _block(text: str, start: int, end: int) -> Block:
    mark = _MARK.match(text, start, end)
    if mark is None:
        return Block((start, end))
    if mark[1] == "given":
        return Block((start, end), is_given=True)
    return Block((start, end), tuple(name.strip() for name in mark[2].split(",")))


def sentences(claim: Claim, text: str) -> list[Found]:
    """Returns where the sentences of a claim stand in the block that it marks.

    Raises:
        LookupError: If there is no such block, or a sentence is not in it.
    """
    places = [block.span for block in blocks(text) if claim.name in block.claims]
    if not places:
        raise LookupError(f"{claim.page}: no block is marked <!-- command: {claim.name} -->")
    found = []
    for sentence in claim.sentences:
        here = [one for start, end in places for one in find(sentence, text, start, end)]
        if len(here) != 1:
            raise LookupError(
                f"{claim.page}: the block of {claim.name} says {len(here)} times: {sentence}"
            )
        found += here
    return found


def unaccounted(text: str, claims: Sequence[Claim]) -> list[str]:
    """Returns what is said in figures that neither a claim nor a mark accounts for.

    Args:
        text: Of a page.
        claims: Of that page.
    """
    made = [one.span() for one in _MADE.finditer(text)]
    told = [one.span for claim in claims for one in sentences(claim, text)]
    lost = []
    for block in blocks(text):
        unknown = set(block.claims) - {claim.name for claim in claims}
        lost += [f"no claim is named {name}" for name in sorted(unknown)]
        if block.is_given:
            continue
        for figure in _FIGURE.finditer(text, *block.span):
            if not any(start <= figure.start() < end for start, end in [*made, *told]):
                line = text.count("\n", 0, figure.start()) + 1
                lost.append(f"line {line}: {figure[0]!r} in a block without a claim for it")
    return lost
