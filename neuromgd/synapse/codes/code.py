"""The interface of a perturbation code: how synapses are told apart on one shared wire."""

from collections.abc import Callable
from typing import Any, NamedTuple

from jaxtyping import Array, Float, Int, Key

from neuromgd.typing import Arrays


def independent(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
    """Returns E‖Ĝ‖²/‖∇C‖² − 1 = (P − 1)/T of independent signs.

    Args:
        synapses: P.
        per_slot: 1/T, for T perturbations.
    """
    return (synapses - 1) * per_slot


class Code(NamedTuple):
    """A pattern of kicks whose mean square is 1 for every synapse.

    Attributes:
        draw: (key, arrays, slot) -> one pattern, shaped as ``arrays``; a pure function, so a
            pattern can be replayed from its slot number.
        period: (number of synapses) -> slots after which the code is exactly orthogonal; None:
            orthogonal in expectation.
        factors: (key, arrays, block, count) -> the patterns of the slots block·count …
            block·count + count − 1, as pytree of ``Factors``; None: they have none.
        excess: (synapses, 1/T) -> E‖Ĝ‖²/‖∇C‖² − 1 of T perturbations of a linear cost, their
            first slot a multiple of T. Of one that kicks an array at a time: of the synapses of one
            of A arrays, by A/T.
        largest: (synapses) -> largest kick over the root of its mean square [1].
        kicked: (synapses) -> how many of them a perturbation kicks.
        is_in_turn: Whether it kicks one array at a time.
        made: (**numbers) -> this code with other numbers, those of
            ``neuromgd.numbers.CODE_NUMBERS`` that name it; None: it has none.
    """

    draw: Callable[[Key[Array, ""], Arrays, Int[Array, ""]], Arrays]
    period: Callable[[int], int | None]
    factors: Callable[[Key[Array, ""], Arrays, Int[Array, ""], int], Arrays] | None = None
    excess: Callable[[int, Float[Array, ""]], Float[Array, ""]] = independent
    largest: Callable[[int], float] = lambda synapses: 1.0
    kicked: Callable[[int], int] = lambda synapses: synapses
    is_in_turn: bool = False
    made: Callable[..., Any] | None = None
