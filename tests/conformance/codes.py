"""What every perturbation code must do, told so that a wrong one is refused."""

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.randomness import root_key
from tests.statistics import assert_mean, assert_uncorrelated

ARRAYS = {"kernel": jnp.zeros((5, 7)), "bias": jnp.zeros(7)}
SYNAPSES = 42
KEY = root_key(6, 0)
# Slots of a code that is orthogonal in expectation only, and how many make one estimate of it.
SLOTS, PERTURBATIONS = 2**13, 8
SLOPE = np.linspace(0.5, 2, SYNAPSES) * (-1.0) ** np.arange(SYNAPSES)


def flat(patterns):
    """(slots, synapses) of a pytree of patterns with a leading axis of slots."""
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(patterns)]
    return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1).astype(float)


def patterns(code, first=0):
    """(slots, synapses) patterns of one period, or of many slots of a code without one."""
    slots = first + jnp.arange(code.period(SYNAPSES) or SLOTS)
    return flat(jax.jit(jax.vmap(lambda slot: code.draw(KEY, ARRAYS, slot)))(slots))


def assert_equal_power(code) -> None:
    """Every synapse is kicked with mean square 1."""
    np.testing.assert_allclose((patterns(code) ** 2).mean(0), 1, rtol=1e-5)


def assert_told_apart(code) -> None:
    """No two synapses have kicks that correlate: over a period exactly, else in expectation."""
    drawn = patterns(code)
    if code.period(SYNAPSES) is None:
        assert_uncorrelated(drawn)
        return
    correlation = drawn.T @ drawn / len(drawn)
    np.testing.assert_allclose(correlation, np.eye(SYNAPSES), atol=1e-5)


def assert_unbiased(code) -> None:
    """The estimate of a linear cost is its slope: over a period exactly, else on average."""
    drawn = patterns(code)
    products = (drawn @ SLOPE)[:, None] * drawn
    if code.period(SYNAPSES) is not None:
        np.testing.assert_allclose(products.mean(0), SLOPE, atol=1e-5)
        return
    estimates = products.reshape(-1, PERTURBATIONS, SYNAPSES).mean(1)
    # Var[s_i Σ_j g_j s_j] = Σ_j≠i g_j² of signs that are told apart.
    single = np.sum(SLOPE**2) - SLOPE**2
    assert_mean(estimates, SLOPE, single / PERTURBATIONS, sees=0.3)


REQUIREMENTS = (assert_equal_power, assert_told_apart, assert_unbiased)
