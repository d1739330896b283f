"""What every perturbation code must do, told so that a wrong one is refused."""

from functools import cache

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


@cache
def drawing(code):
    """A compiled draw of many slots."""
    return jax.jit(jax.vmap(lambda slot: code.draw(KEY, ARRAYS, slot)))


@cache
def patterns(code, first=0):
    """(slots, synapses) patterns of one period, or of many slots of a code without one."""
    return flat(drawing(code)(first + jnp.arange(code.period(SYNAPSES) or SLOTS)))


def fourth(code) -> float:
    """E[s⁴] of a code that is orthogonal in expectation, by the length of one estimate."""
    return 1 + float(code.excess(SYNAPSES, jnp.float32(1))) - (SYNAPSES - 1)


def assert_equal_power(code) -> None:
    """Every synapse is kicked with mean square 1: over a period exactly, else on average."""
    squares, uneven = patterns(code) ** 2, fourth(code) - 1
    if code.period(SYNAPSES) is not None or uneven < 1e-6:
        np.testing.assert_allclose(squares.mean(0), 1, rtol=1e-5)
        return
    assert_mean(squares, 1, uneven, sees=0.1)


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
    # Var[s_i Σ_j g_j s_j] = Σ_j≠i g_j² + g_i²(E[s⁴] − 1) of kicks that are told apart.
    single = np.sum(SLOPE**2) + SLOPE**2 * (fourth(code) - 2)
    assert_mean(estimates, SLOPE, single / PERTURBATIONS, sees=0.3)


def assert_length_told(code) -> None:
    """‖Ĝ‖² of T perturbations, over all blocks and over slopes of random sign, follows its law."""
    drawn, period = patterns(code), code.period(SYNAPSES)
    for slots in (1, 2, 6, 16) if period is None else {1, 2, period // 2, period}:
        blocks = drawn[: len(drawn) // slots * slots].reshape(-1, slots, SYNAPSES)
        overlap = np.einsum("bti,btj->bij", blocks, blocks) / slots
        # E over signs of g: Σ_ij overlap²·|g|² for |g_i| = 1.
        power = (overlap**2).sum((1, 2)).mean() / SYNAPSES
        told = 1 + float(code.excess(SYNAPSES, jnp.float32(1 / slots)))
        # Rows and frequencies of 42 synapses are some of those that the formulas take all of.
        np.testing.assert_allclose(power, told, rtol=0.15 if period else 0.03)
        if slots == period:
            np.testing.assert_allclose(told, 1)


def assert_size_told(code) -> None:
    """The largest kick, and how many synapses are kicked, are what the code says."""
    drawn = patterns(code)
    largest, kicked = np.abs(drawn).max(), (drawn != 0).sum(1).mean()
    np.testing.assert_allclose(largest, code.largest(SYNAPSES), rtol=1e-3)
    if code.kicked(SYNAPSES) == SYNAPSES:
        assert kicked > 0.5 * SYNAPSES  # a kick may be zero all the same
    else:
        np.testing.assert_allclose(kicked, code.kicked(SYNAPSES), rtol=0.1)


REQUIREMENTS = (
    assert_equal_power,
    assert_told_apart,
    assert_unbiased,
    assert_length_told,
    assert_size_told,
)
