"""How far above what it hears and sees a chip sets the full scales of its converters."""

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

# Room for the tail of a normal distribution (4σ = 5 means) and for a cost slope that doubles later.
HEADROOM = 10.0
# The slopes, over that of the beginning, among which few codes are shared out.
GROWTHS = (1.0, 2.0)
# The sizes of what arrays give, over that of the beginning, among which their codes are shared out.
ARRAY_GROWTHS = (1.0, 2.0, 4.0)
# The largest of the some thousand outputs of a window [σ].
LARGEST = 4.0
# Rounding below this share of the power of ΔC costs nothing: then room comes first.
NEGLIGIBLE = 1e-3

# σ of a normal distribution over its mean magnitude.
DEVIATION = math.sqrt(math.pi / 2)
_GOLDEN = (math.sqrt(5) - 1) / 2
_PRECISION = 1e-6


def full_scales(top: ArrayLike, heard: np.ndarray) -> np.ndarray:
    """Returns the full scale that every chip sets itself by what it heard [cost].

    A chip that hears nothing has nothing to go by: one unit of cost, and the diagnosis says so.

    Args:
        top: () or (chips,) largest code of the converter [1].
        heard: (chips,) mean |ΔC| before it learns [cost].
    """
    above = np.vectorize(loading, otypes=[np.float32])(np.asarray(top, float))
    return np.where(heard > 0, above * heard, 1).astype(np.float32)


def loading(top: float) -> float:
    """Returns the full scale over the mean |ΔC| at the beginning [1].

    With codes to spare it is the headroom. With few, range and resolution pull apart, and it is
    where the squared error of a normal ΔC is least on average over the slopes that may come, each
    over its own power: many kicks at once add up to a normal ΔC.

    Args:
        top: Largest code of the converter; 0: it tells the sign alone.

    References:
        Max, IRE Trans. Inf. Theory 6, 7 (1960): equally spaced levels for a normal input.
    """
    return _shared_out(top, HEADROOM, DEVIATION, GROWTHS)


@cache
def room(top: float) -> float:
    """Returns the full scale of an array's converter over its largest number in the first window.

    Activations and outputs grow while a network learns, some fourfold, and what is beyond the full
    scale is lost; but the more room, the coarser the codes. With codes to spare it is all the room;
    with few, it is where the squared error of a normal output is least on average over its growth.

    Args:
        top: Largest code of the converter; 0: it tells the sign alone.
    """
    return _shared_out(top, ARRAY_GROWTHS[-1], 1 / LARGEST, ARRAY_GROWTHS)


def _shared_out(top: float, most: float, deviation: float, growths: tuple[float, ...]) -> float:
    """Returns the full scale of least error, in sizes of a normal signal at the beginning.

    Args:
        top: Largest code.
        most: Above it there is nothing to gain.
        deviation: σ of the signal at the beginning, in such sizes.
        growths: Of σ, over that of the beginning.
    """
    if top > 0 and (most / deviation / top) ** 2 / 12 < NEGLIGIBLE:
        return most
    error = lambda scale: sum(relative_error(scale / (g * deviation), top) for g in growths)
    low, high = 0.0, most
    while high - low > _PRECISION:  # golden section: the error has one minimum
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, right) if error(left) < error(right) else (left, high)
    return (low + high) / 2


def relative_error(full_scale: float, top: float) -> float:
    """Returns E[(x − Q(x))²] of a standard normal x.

    A code is a sum of steps at the thresholds t_k = (k − ½) LSB, so with the density φ and the tail
    Φ̄: E[x Q] = 2 LSB Σ φ(t_k) and E[Q²] = 2 LSB² Σ (2k − 1) Φ̄(t_k).

    Args:
        full_scale: Of the converter [σ].
        top: Its largest code; 0: it tells the sign alone.
    """
    if top == 0:
        return 1 - 2 * full_scale * math.sqrt(2 / math.pi) + full_scale**2
    step = full_scale / top
    common, power = 0.0, 0.0
    for k in range(1, int(top) + 1):
        threshold = (k - 0.5) * step
        common += math.exp(-(threshold**2) / 2) / math.sqrt(2 * math.pi)
        power += (2 * k - 1) * math.erfc(threshold / math.sqrt(2)) / 2
    return 1 - 4 * step * common + 2 * step**2 * power
