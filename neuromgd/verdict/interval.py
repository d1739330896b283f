"""How sure a share or a mean of a few chips is."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

# Of all intervals: the chance that they hold the truth.
CONFIDENCE = 0.95


def share(successes: int, trials: int) -> tuple[float, float]:
    """Returns the interval of a share by the score test, which holds for few chips and near 0 or 1.

    References:
        Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

    Example:
        >>> low, high = share(8, 8)
        >>> round(low, 3), high
        (0.676, 1.0)
    """
    if trials == 0:
        return 0.0, 1.0
    z2 = float(stats.norm.isf((1 - CONFIDENCE) / 2)) ** 2
    seen = successes / trials
    middle = (seen + z2 / (2 * trials)) / (1 + z2 / trials)
    half = math.sqrt(z2 * (seen * (1 - seen) / trials + z2 / (4 * trials**2))) / (1 + z2 / trials)
    # At the ends the bound is exact; rounding would miss it.
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return low, 1.0 if successes == trials else min(1.0, middle + half)


def mean(values: Sequence[float]) -> tuple[float, float] | None:
    """Returns the interval of a mean by Student's distribution; None: one value tells no spread."""
    if len(values) < 2:
        return None
    centre, error = float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))
    half = float(stats.t.isf((1 - CONFIDENCE) / 2, len(values) - 1)) * error
    return centre - half, centre + half
