"""How far something harmful may go: the place where a falling yield passes a wanted share.

Along a path from harmless (0) to harmful (1), chips reach their target or do not. The yield is
taken as a logistic curve with any place and any width, with a chance of LAPSE for a chip that is an
exception; the interval are the places that no likelihood ratio rules out.

References:
    Cox and Hinkley, Theoretical Statistics, section 9.3 (1974): profile likelihood.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

# Chance that a chip passes far beyond the threshold, or fails far before.
LAPSE = 0.01
# Twice the logarithm of the likelihood ratio that rules a place out: the 99 % quantile of χ² with
# one degree of freedom. Few chips, and places that were chosen by what came before, cost coverage.
RATIO = 6.63
# Places and widths that are tried; beyond both ends of the path the threshold was not met.
_ENDS = (-0.3, 1.3)
_COUNT = 161
_WIDTHS = np.geomspace(1e-4, 0.5, 40)
# An interval as short as this is short enough [1].
PRECISION = 0.01


class Trial(NamedTuple):
    """Chips at one place.

    Attributes:
        place: On the path [1].
        passed: How many reach their target.
        chips: Of how many.
    """

    place: float
    passed: int
    chips: int


class Threshold(NamedTuple):
    """Where the yield passes the wanted share.

    Attributes:
        place: The likeliest [1]; beyond 0 or 1 if it was not met.
        low: Lowest place of the interval.
        high: Highest.
    """

    place: float
    low: float
    high: float


def threshold(trials: Sequence[Trial], share: float) -> Threshold:
    """Returns where the yield passes a share, with its interval of 95 %.

    Args:
        trials: What was seen so far.
        share: Of chips that are to reach their target [1].
    """
    wide = _held(np.linspace(*_ENDS, _COUNT), trials, share)
    # Once more, finely where it lies.
    step = (_ENDS[1] - _ENDS[0]) / (_COUNT - 1)
    return _held(np.linspace(wide.low - step, wide.high + step, _COUNT), trials, share)


def _held(places: np.ndarray, trials: Sequence[Trial], share: float) -> Threshold:
    # The width moves the middle of the curve away from the place where it passes the share.
    middle = places[:, None] - _WIDTHS * np.log(1 / share - 1)
    likelihood = np.zeros(middle.shape)
    for trial in trials:
        slope = np.clip((trial.place - middle) / _WIDTHS, -500, 500)
        chance = LAPSE + (1 - 2 * LAPSE) / (1 + np.exp(slope))
        likelihood += trial.passed * np.log(chance)
        likelihood += (trial.chips - trial.passed) * np.log1p(-chance)
    best = likelihood.max(1)
    held = np.flatnonzero(2 * (best.max() - best) <= RATIO)
    top = places[best >= best.max() - 1e-9]
    # The truth may lie up to a step beyond the last place that is held.
    low, high = places[max(0, held[0] - 1)], places[min(len(places) - 1, held[-1] + 1)]
    return Threshold(float(top.mean()), float(low), float(high))


def places(found: Threshold | None, count: int) -> list[float]:
    """Returns where to look next: evenly over the path, or over what the interval leaves of it.

    Args:
        found: So far; None: nothing is known.
        count: How many places.
    """
    if found is None:
        return np.linspace(0, 1, count).tolist()
    low, high = max(0.0, found.low), min(1.0, found.high)
    if high - low <= PRECISION:
        return []
    return (low + (high - low) * (np.arange(count) + 0.5) / count).tolist()


def searched(
    passed: Callable[[int, list[float]], list[Trial]],
    share: float,
    rounds: int,
    count: int,
) -> tuple[Threshold, list[Trial]]:
    """Searches for a threshold round by round.

    Args:
        passed: (round, places) -> what chips do there.
        share: Of chips that are to reach their target.
        rounds: How many.
        count: Places in a round.
    """
    trials: list[Trial] = []
    found = None
    for number in range(rounds):
        some = places(found, count)
        if not some:
            break
        trials += passed(number, some)
        found = threshold(trials, share)
    assert found is not None
    return found, trials
