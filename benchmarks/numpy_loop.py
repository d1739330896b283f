"""Multiplexed gradient descent as one would first write it: a NumPy loop over timesteps."""

import numpy as np

from benchmarks.measure import Work

AMPLITUDE, RATE = 1e-3, 0.03


def parity(windows: int, hold: int) -> Work:
    """Returns the work of one 2-2-1 chip that learns 2-bit parity; the unit is one timestep.

    Args:
        windows: In one run.
        hold: Timesteps under one perturbation, after which all weights are written.
    """
    draw = np.random.default_rng(0)
    shapes = [(2, 2), (2,), (2, 1), (1,)]
    theta = [draw.uniform(-5, 5, shape) for shape in shapes]
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    targets = np.array([[0], [1], [1], [0]], float)

    def cost(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> float:
        first, first_bias, second, second_bias = weights
        inner = 1 / (1 + np.exp(-(x @ first + first_bias)))
        output = 1 / (1 + np.exp(-(inner @ second + second_bias)))
        return float(np.mean((output - y) ** 2))

    def run() -> float:
        nonlocal theta
        timestep = 0
        for _ in range(windows):
            kick = [AMPLITUDE * draw.choice((-1.0, 1.0), shape) for shape in shapes]
            kicked = [weight + own for weight, own in zip(theta, kick, strict=True)]
            meter = 0.0
            for _ in range(hold):
                x, y = inputs[timestep % 4], targets[timestep % 4]
                meter += cost(kicked, x, y) - cost(theta, x, y)
                timestep += 1
            factor = RATE * meter / hold / AMPLITUDE**2
            theta = [weight - factor * own for weight, own in zip(theta, kick, strict=True)]
        return cost(theta, inputs, targets)

    return Work(run, windows * hold)
