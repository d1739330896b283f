"""Known cells for tests of the fit: their curves, and the numbers that belong to them."""

import numpy as np

LOW, HIGH, PULSES = 5.0, 45.0, 50
SIGNED = np.repeat([1, -1], PULSES)
NUMBER = np.concatenate([[0], np.cumsum(SIGNED)])


def soft(signed=SIGNED, gamma=0.5, step=0.043465, start=-1.0):
    """A cell of linear steps that crosses its window in 50 pulses, in uS."""
    weight = [start]
    for pulse in signed:
        now = weight[-1]
        weight.append(now + step * (1 - gamma * now if pulse > 0 else -1 - gamma * now))
    return LOW + (np.array(weight) + 1) / 2 * (HIGH - LOW)


def noisy(curve=None, sigma=0.08, seed=0):
    """The same with white noise, as exact decimals: a file gives back what it was given."""
    curve = soft() if curve is None else curve
    return np.round(curve + sigma * np.random.default_rng(seed).standard_normal(len(curve)), 4)
