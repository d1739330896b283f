"""The loop of the authors' introductory notebook, written anew: Python calls JAX batch by batch.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023), and the notebook that the authors publish.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.measure import Work
from neuromgd.plan.plan import Plan

EPSILON = 1e-3
RATE = 1e-2


def loop(todo: Plan, batches: int, is_fused: bool) -> Work:
    """Returns the work of some batches, each gathered by NumPy and sent to the accelerator.

    Args:
        todo: Network, cost and data.
        batches: In one run.
        is_fused: Whether a batch is one call of one compiled function, or, as in the notebook, one
            call for each of its formulas.
    """
    one, data = batch(todo, is_fused), todo.data
    size = todo.tau.update // todo.tau.sample
    inputs = data.train_x.astype(np.float32) * np.float32(data.scale)
    theta, numbers = todo.design.network.initialise(jax.random.key(0)), count()
    orders = np.random.default_rng(0).integers(0, len(inputs), (batches, size))

    def run():
        nonlocal theta
        for number, order in zip(numbers, orders, strict=False):
            x, y = jnp.array(inputs[order]), jnp.array(data.train_y[order])
            theta = one(theta, x, y, number, RATE)
        return theta

    return Work(run, batches)


def batch(todo: Plan, is_fused: bool) -> Callable[..., Any]:
    """Returns (weights, inputs, targets, number, rate) -> weights after one batch."""
    design = todo.design

    def mean_cost(theta, x, y):
        return jnp.mean(jax.vmap(design.cost)(design.network.apply(theta, x), y))

    def kicks(theta, number):
        leaves, structure = jax.tree.flatten(theta)
        keys = jax.random.split(jax.random.key(number), len(leaves))
        drawn = [
            EPSILON * jax.random.rademacher(key, leaf.shape, jnp.float32)
            for key, leaf in zip(keys, leaves, strict=True)
        ]
        return jax.tree.unflatten(structure, drawn)

    def estimate(kick, delta, rate):
        return jax.tree.map(lambda k: -rate * delta / EPSILON**2 * k, kick)

    def add(theta, kick):
        return jax.tree.map(jnp.add, theta, kick)

    def whole(theta, x, y, number, rate):
        kick = kicks(theta, number)
        delta = mean_cost(add(theta, kick), x, y) - mean_cost(theta, x, y)
        return optax.apply_updates(theta, estimate(kick, delta, rate))

    cost_jit, kick_jit, add_jit, estimate_jit = map(jax.jit, (mean_cost, kicks, add, estimate))

    def by_formula(theta, x, y, number, rate):
        cost_0 = cost_jit(theta, x, y)
        kick = kick_jit(theta, number)
        delta = cost_jit(add_jit(theta, kick), x, y) - cost_0
        return optax.apply_updates(theta, estimate_jit(kick, delta, rate))

    return jax.jit(whole) if is_fused else by_formula
