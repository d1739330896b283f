"""Whether a law describes a curve: what is left of it must look like noise, all along."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
# Neighbouring residuals are summed over these shares of the rows.
_SHARES = (0.05, 0.1, 0.2, 0.35, 0.5)
# σ that a sum, and a single one, may reach by chance: about one curve in 1e4.
_SUM, _ONE = 5.0, 6.0
# A deviation over the range below which a curve is called exact, and above which no law fits.
_EXACT, TOLERABLE = 0.002, 0.05
DETERMINATION_MIN = 0.5


class Verdict(NamedTuple):
    """How far a law is from a curve.

    Attributes:
        is_systematic: Whether what is left is more than noise.
        deviation: Largest deviation of the curve from the data, averaged over a tenth of its rows,
            in the unit of the data.
        share: The same over the range of the data.
        row: Where it is.
        is_met: Whether the law describes the curve well enough to stand for it.
    """

    is_systematic: bool
    deviation: float
    share: float
    row: int
    is_met: bool


def judge(
    residuals: Vector, whitened: tuple[Vector, ...], span: float, determination: float
) -> Verdict:
    """Judges a fit.

    Args:
        residuals: (rows,) curve minus data.
        whitened: What is left, (m,) each, in order, as independent normal numbers of σ = 1 if the
            law and its noises hold; any of them may tell that it does not.
        span: Range of the data.
        determination: R² of the curve.
    """
    width = max(1, min(len(residuals) // 10, len(residuals)))
    smooth = _means(residuals, width)
    place = int(np.argmax(np.abs(smooth)))
    deviation = float(abs(smooth[place]))
    share = deviation / span
    is_far = any(map(_is_no_noise, whitened))
    is_systematic = is_far and share > _EXACT
    is_met = determination >= DETERMINATION_MIN and not (is_systematic and share > TOLERABLE)
    return Verdict(is_systematic, deviation, share, place + (width - 1) // 2, is_met)


def _is_no_noise(z: Vector) -> bool:
    widths = {max(3, round(part * len(z))) for part in _SHARES}
    sums = [np.abs(_means(z, w)).max() * np.sqrt(w) for w in widths if w <= len(z)]
    return bool(max(sums, default=0.0) > _SUM or np.abs(z).max(initial=0.0) > _ONE)


def systematic(verdict: Verdict) -> Verdict:
    """Returns the verdict on a curve that is known to deviate by more than noise."""
    is_met = verdict.is_met and verdict.share <= TOLERABLE
    return verdict._replace(is_systematic=True, is_met=is_met)


def _means(values: Vector, width: int) -> Vector:
    return np.convolve(values, np.ones(width) / width, "valid")
