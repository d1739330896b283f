"""What sources mean differently by the same spread: words that a sheet states. No JAX.

A declaration reaches options, help, configuration files, sheets, their schema and docs.
"""

from typing import Any, NamedTuple

from neuromgd.words import Bound, Draws, Joining, Word


class Choices(NamedTuple):
    """How the spreads of a memory cell are meant; static.

    Attributes:
        asymmetry_joining: ``product``, steps dw g(1 ± β), or ``sum``, steps dw(g ± β).
        nonlinearity_draws: ``common`` to γ_up and γ_down of a cell, or ``independent``.
        nonlinearity_bound: γ refers to the cell's ``own`` bound or to the ``mean`` one.
    """

    asymmetry_joining: Joining = Joining.PRODUCT
    nonlinearity_draws: Draws = Draws.COMMON
    nonlinearity_bound: Bound = Bound.OWN


NO_CHOICES = Choices()


class Choice(NamedTuple):
    """One of them.

    Attributes:
        meaning: What is chosen, in one line without a full stop.
        words: What there is to choose, a type of word.
        default: What stands if nobody says.
    """

    meaning: str
    words: Any
    default: Word

    @property
    def text(self) -> str:
        """What is chosen, with what stands if nobody says."""
        return f"{self.meaning}; default {self.default}"


_MEANINGS = {
    "asymmetry_joining": "How β_i joins the gain g_i = dw_i/dw of a cell: steps dw g(1 ± β)"
                         " (product), or dw(g ± β) (sum)",
    "nonlinearity_draws": "Whether γ_up and γ_down of a cell are off by one draw (common), or by"
                          " one each (independent)",
    "nonlinearity_bound": "What γ of the linear laws is told over: the cell's own bound (own), or"
                          " the mean bound (mean)",
}  # fmt: skip
CELL_CHOICES = {
    name: Choice(_MEANINGS[name], type(default), default)
    for name, default in Choices._field_defaults.items()
}
