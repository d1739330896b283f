"""Whether a run had converged: how its cost still moved at its end."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from neuromgd.verdict.row import Row, column

# Share of a run that is looked at, and rows without which no line can be laid through it.
LAST, FEWEST = 0.1, 5
# A cost that moves by less is still [share of it]; so is one that moves by less than is seen.
STILL, SEEN = 0.01, 2.0


class Convergence(NamedTuple):
    """How the cost moved over the last tenth of a run.

    Attributes:
        fell: Of the cost, what it fell by, by a straight line [1]; negative: it rose.
        error: Standard error of that [1].
        has_converged: Whether it stood still, as far as is seen.
        told: All of it, in a sentence.
    """

    fell: float
    error: float
    has_converged: bool
    told: str


def convergence(rows: Sequence[Row], rate_falls: bool) -> Convergence | None:
    """Returns how the cost moved at the end; None: there are too few rows, or the cost is 0.

    Args:
        rows: The history.
        rate_falls: Whether the learning rate fell over the run.
    """
    from_window = (1 - LAST) * rows[-1].window
    every = column(rows, "window")
    is_last = every >= from_window
    if is_last.sum() < FEWEST:
        return None
    window, cost = every[is_last], column(rows, "cost")[is_last]
    middle = window.mean()
    spread = float(np.square(window - middle).sum())
    slope = float((window - middle) @ (cost - cost.mean())) / spread
    left = cost - cost.mean() - slope * (window - middle)
    begun = float(cost.mean() + slope * (window[0] - middle))
    if not math.isfinite(slope) or begun == 0:
        return None
    length = float(window[-1] - window[0]) / abs(begun)
    fell = -slope * length
    error = math.sqrt(float(left @ left) / (len(window) - 2) / spread) * length
    is_still = abs(fell) < max(STILL, SEEN * error)
    return Convergence(fell, error, is_still, _told(fell, error, is_still, rate_falls))


def _told(fell: float, error: float, is_still: bool, rate_falls: bool) -> str:
    amount = f"{100 * abs(fell):.2g} ± {100 * error:.1g} %"
    way = "fell" if fell >= 0 else "rose"
    if is_still:
        told = f"the run had converged: over its last tenth the cost {way} by {amount}"
        later = "; its learning rate had fallen by then, so that a longer run may still gain"
        return told + later * rate_falls
    more = "a longer run gets further" if fell > 0 else "a lower learning rate may hold it"
    return (
        f"the run had not converged: over its last tenth the cost still {way} by {amount}; {more}"
    )


def as_dict(rows: Sequence[Row], rate_falls: bool) -> dict[str, Any] | None:
    """Returns the same for a summary."""
    found = convergence(rows, rate_falls)
    return None if found is None else found._asdict()
