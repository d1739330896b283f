"""Uses of weights put in order: what waits for nothing is side by side, what repeats is a loop."""

from collections.abc import Sequence
from typing import NamedTuple

from neuromgd.timing.products import Loop, Product, Stage

# Stages that may repeat one after the other, as the time steps of a network that is written out.
_LONGEST = 8


class Use(NamedTuple):
    """Products that are asked for together, or loops.

    Attributes:
        level: Uses one after the other before it.
        products: What is asked for.
        loops: Loops of it, in place of ``products``.
    """

    level: int
    products: tuple[Product, ...]
    loops: tuple[Loop, ...] = ()

    @property
    def calls(self) -> int:
        """All products of it."""
        own = sum(product.calls for product in self.products)
        return own + sum(
            loop.turns * product.calls
            for loop in self.loops for stage in loop.stages for product in stage.products
        )  # fmt: skip


def in_order(uses: Sequence[Use]) -> tuple[Loop, ...]:
    """Returns the loops of uses, level after level; each level waits for all of that before."""
    found: list[Loop] = []
    for level in sorted({use.level for use in uses}):
        here = [use for use in uses if use.level == level]
        plain = [product for use in here for product in use.products]
        if plain:
            found.append(Loop((Stage(_together(plain)),)))
        found += _beside([list(use.loops) for use in here if use.loops])
    return _folded(found)


def turned(uses: Sequence[Use], turns: int, waits: bool) -> tuple[Loop, ...]:
    """Returns a body that is gone through so many times.

    Args:
        uses: In the body.
        turns: How many times.
        waits: Whether a turn waits for the one before; else all are products that wait for none.
    """
    body = in_order(uses)
    if not waits:
        return tuple(
            Loop(tuple(_times(stage, turns) for stage in loop.stages), loop.turns) for loop in body
        )
    if len(body) == 1:
        return (Loop(body[0].stages, body[0].turns * turns),)
    stages: list[Stage] = []
    for loop in body:
        # One stage that waits for itself is one array at work for all turns.
        alone = len(loop.stages) == 1
        stages += [_times(loop.stages[0], loop.turns)] if alone else loop.stages * loop.turns
    return (Loop(tuple(stages), turns),)


def unrolled(turns: Sequence[Sequence[Use]]) -> tuple[Loop, ...]:
    """Returns turns that each have weights of their own, one after the other."""
    return tuple(loop for uses in turns for loop in in_order(uses))


def _together(products: Sequence[Product]) -> tuple[Product, ...]:
    calls: dict[tuple[int, bool], int] = {}
    for one in products:
        key = (one.matrix, one.looks_up)
        calls[key] = calls.get(key, 0) + one.calls
    return tuple(Product(matrix, count, looks) for (matrix, looks), count in calls.items())


def _times(stage: Stage, turns: int) -> Stage:
    return Stage(tuple(Product(o.matrix, o.calls * turns, o.looks_up) for o in stage.products))


def _beside(several: list[list[Loop]]) -> list[Loop]:
    """Puts loops of one level side by side where they are alike, else one after the other."""
    alike = {tuple((loop.turns, len(loop.stages)) for loop in loops) for loops in several}
    if len(alike) > 1:
        return [loop for loops in several for loop in loops]
    return [
        Loop(
            tuple(
                Stage(_together([one for stage in stages for one in stage.products]))
                for stages in zip(*(loop.stages for loop in loops), strict=True)
            ),
            loops[0].turns,
        )
        for loops in zip(*several, strict=True)
    ]


def _folded(loops: list[Loop]) -> tuple[Loop, ...]:
    """Returns loops with stretches that repeat made one loop of several turns."""
    found: list[Loop] = []
    at = 0
    while at < len(loops):
        for length in range(1, _LONGEST + 1):
            stretch = loops[at : at + length]
            times = 1
            while loops[at + times * length : at + (times + 1) * length] == stretch:
                times += 1
            if times > 1 and all(loop.turns == 1 for loop in stretch):
                stages = tuple(stage for loop in stretch for stage in loop.stages)
                found.append(Loop(stages, times))
                at += times * length
                break
        else:
            found.append(loops[at])
            at += 1
    return tuple(found)
