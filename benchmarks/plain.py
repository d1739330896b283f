"""What is set against the simulator and also compiled: bare forward passes and backpropagation.

All read the same gathered batches, in one ``lax.scan``.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array

from benchmarks.measure import Work, compiled
from neuromgd.chip.design import Design
from neuromgd.data.sample import Sample
from neuromgd.fleet.shown import scale, training_set
from neuromgd.network.network import Network
from neuromgd.plan.plan import Plan


def two_passes(todo: Plan, windows: int) -> Work:
    """Returns the floor: what any simulator of two passes a window must compute.

    The passes have weights of their own, and all their outputs are returned, so that none can be
    shared or left out. Nothing that is computed in one turn of the loop can be used in another.
    """
    network, samples = todo.design.network, training_set(todo)
    thetas = tuple(network.initialise(jax.random.key(seed)) for seed in (0, 1))
    return _work(partial(passes, network), thetas, todo, samples, windows)


def passes(
    network: Network, thetas: tuple, samples: Sample, indices: Array, factor: Array
) -> tuple[Array, ...]:
    """Returns the outputs under each of the weights for every gathered batch."""

    def body(_, index: Array):
        x = samples.x[index].astype(jnp.float32) * factor
        return None, tuple(network.apply(theta, x) for theta in thetas)

    return jax.lax.scan(body, None, indices)[1]


def backprop(todo: Plan, windows: int) -> Work:
    """Returns plain training by ``jax.value_and_grad`` and stochastic gradient descent."""
    theta = todo.design.network.initialise(jax.random.key(0))
    return _work(partial(descent, todo.design), theta, todo, training_set(todo), windows)


def descent(design: Design, theta, samples: Sample, indices: Array, factor: Array):
    """Returns the weights after a step down the exact gradient of every batch, and the costs."""
    rule = optax.sgd(0.1)

    def body(carried, index: Array):
        theta, state = carried
        x, y = samples.x[index].astype(jnp.float32) * factor, samples.y[index]

        def cost(theta):
            return jnp.mean(jax.vmap(design.cost)(design.network.apply(theta, x), y))

        value, gradient = jax.value_and_grad(cost)(theta)
        change, state = rule.update(gradient, state)
        return (optax.apply_updates(theta, change), state), value

    return jax.lax.scan(body, (theta, rule.init(theta)), indices)


def _work(function: Callable, theta, todo: Plan, samples: Sample, windows: int) -> Work:
    batch = todo.tau.update // todo.tau.sample
    indices = jax.random.randint(jax.random.key(2), (windows, batch), 0, len(samples.y))
    arguments = theta, samples, indices, scale(todo)
    program, *spent = compiled(jax.jit(function), *arguments)
    return Work(lambda: program(*arguments), windows, *spent)
