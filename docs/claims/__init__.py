"""Figures of the docs and the commands that give them; ``python -m docs.claims`` checks them."""

from docs.claims import cards, cells, clock, example, formulas, questions, readme, sheets, training
from docs.claims.claim import Claim

CLAIMS: list[Claim] = [
    *clock.CLAIMS, *cells.CLAIMS, *formulas.CLAIMS, *example.CLAIMS, *training.CLAIMS,
    *sheets.CLAIMS, *readme.CLAIMS, *questions.CLAIMS, *cards.CLAIMS,
]  # fmt: skip
