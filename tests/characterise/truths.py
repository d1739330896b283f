"""Random cells of every law on x = 0 … 1, with the parameters that drew them."""

import numpy as np

from neuromgd.characterise.search import EXPONENTIAL, LINEAR

LAWS = ("linear", "linear_retrace", "shrinking", "saturating", "growing")


def truth(law, rng):
    """Returns the curve of a cell that crosses 0 … 1 and comes back, its pulses, family, x."""
    pulses = int(rng.integers(30, 120))
    signed = np.repeat([1, -1], pulses)
    family, up, down = shapes(law, rng)
    up = crossing(up, 0.0, 1, pulses)
    top = end(up, 0.0, 1, pulses)
    down = crossing(down, top, -1, pulses)
    x = [0.0]
    for sign in signed:
        x.append(x[-1] + sign * (up if sign > 0 else down)(x[-1]))
    own = [np.array(side.parameters) for side in (up, down)]
    return np.array(x), signed, family, np.concatenate([[0.0], *own])


class Side:
    """Steps of one direction, of a shape times a size."""

    def __init__(self, shape, size=1.0):
        self.shape, self.size = shape, size

    @property
    def parameters(self):
        first, second, *rate = self.shape
        return [self.size * first, self.size * second, *rate]

    def __call__(self, x):
        first, second, *rate = self.shape
        if not rate:
            return self.size * (first - second * x)
        return self.size * (first - second * np.exp(rate[0] * (x - (rate[0] > 0))))


def crossing(side, start, sign, pulses):
    """Sizes the steps so that the pulses cross nine tenths of 0 … 1."""
    low, high = 1e-6, 1.0
    for _ in range(60):
        middle = (low * high) ** 0.5
        far = abs(end(Side(side.shape, middle), start, sign, pulses) - start) > 0.95
        low, high = (low, middle) if far else (middle, high)
    return Side(side.shape, low)


def end(side, start, sign, pulses):
    x = start
    for _ in range(pulses):
        x = min(max(x + sign * side(x), -1.0), 2.0)
    return x


def shapes(law, rng):
    """Returns the family and the shapes of both directions, by step at the start and at the end."""
    left = rng.uniform(0.03, 0.9, 2)
    if law.startswith("linear"):
        # A step of 1 at the start that is ``left`` at the end.
        up = Side((1.0, 1 - left[0]))
        slope = (1 - left[1]) * (-1 if law == "linear" else 1)
        # Down steps of the linear law are 1 at the top, those of a way that retraces at the bottom.
        return LINEAR, up, Side((left[1] if law == "linear" else 1.0, slope))
    rates = rng.uniform(1.0, 8.0, 2)
    # λ up is positive for saturating and growing steps, negative for those of a fast start.
    family = EXPONENTIAL[1] if law == "shrinking" else EXPONENTIAL[0]
    sides = []
    for way, rate, rest in zip((1, -1), rates, left, strict=True):
        if law == "saturating":
            constant, bent = 1.0, 1 - rest
        else:
            constant, bent = rest / 3, -1.0
        sides.append(Side((constant, bent, family.slope * way * rate)))
    return family, *sides
