"""What a synapse makes of the scalar it hears: a correlation, a mean, a request."""

import math
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.synapse.learn import (
    collect,
    forget,
    gradient_estimate,
    step_normalisation,
)
from neuromgd.synapse.rules import RULES, rule
from neuromgd.synapse.state import SynapseParams, SynapseState, SynapseTraits

ARRAYS = {"kernel": jnp.zeros((2, 3)), "bias": jnp.zeros(3)}
AMPLITUDE = 2.0**-7
PARAMS = SynapseParams(amplitude=jnp.float32(AMPLITUDE), learning_rate=jnp.float32(0.1))


def circuit(kick):
    zeros = jax.tree.map(jnp.zeros_like, kick)
    return SynapseState(
        perturbation=kick, gradient_sum=zeros, received=jnp.int32(0), filling=jnp.int32(0)
    )


def heard(state, delta):
    """All synapses hear one broadcast."""
    alike = lambda value: jax.tree.map(
        lambda _: jnp.asarray(value, jnp.float32), state.perturbation
    )
    return collect(PARAMS, SynapseTraits(), state, alike(delta), alike(1))


def kicks(seed):
    generator = np.random.default_rng(seed)
    return jax.tree.map(
        lambda a: jnp.float32(AMPLITUDE * generator.choice([-1, 1], a.shape)), ARRAYS
    )


def test_a_synapse_correlates_what_it_hears_with_what_it_stored():
    kick = kicks(0)
    state = heard(circuit(kick), 0.5)
    assert state.received == 1
    # Powers of two: ΔC·θ̃/Δθ² is exact.
    jax.tree.map(
        lambda g, k: np.testing.assert_array_equal(g, 0.5 * k / AMPLITUDE**2),
        gradient_estimate(state),
        kick,
    )


def test_the_estimate_is_the_mean_over_broadcasts():
    deltas = [0.5, -0.25, 0.125, 1.0]
    state, terms = circuit(kicks(0)), []
    for number, delta in enumerate(deltas):
        state = state.replace(perturbation=kicks(number))
        state = heard(state, delta)
        terms.append(delta * np.asarray(kicks(number)["kernel"]) / AMPLITUDE**2)
    assert state.received == len(deltas)
    np.testing.assert_allclose(gradient_estimate(state)["kernel"], np.mean(terms, axis=0))


def test_a_synapse_that_heard_nothing_estimates_nothing():
    jax.tree.map(
        lambda g: np.testing.assert_array_equal(g, 0), gradient_estimate(circuit(kicks(0)))
    )


def test_forgetting_clears_the_sums_and_keeps_the_perturbation():
    kick = kicks(1)
    state = forget(heard(circuit(kick), 3))
    jax.tree.map(np.testing.assert_array_equal, state, circuit(kick))


@pytest.mark.parametrize("kind", ["none", "length"])
@given(perturbation=st.integers(1, 64), slots=st.integers(1, 64))
def test_the_step_normalisation_is_its_formula(kind, perturbation, slots):
    update = perturbation * slots
    expected = 1.0 if kind == "none" else (1 + (9 - 1) / slots) ** -0.5
    for count in (int, jnp.int32):
        scale = step_normalisation(kind, ARRAYS, count(perturbation), count(update))
        assert scale == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_the_step_normalisation_gives_updates_of_the_length_of_the_gradient(slots):
    # Linear cost, five synapses: the mean over all patterns of signs is the expectation itself.
    gradient = {"kernel": jnp.float32([[1, 2], [-3, 0]]), "bias": jnp.float32([0.5])}
    of_bits = np.array(list(product([-1, 1], repeat=5 * slots)), np.float32).reshape(-1, slots, 5)
    kick = {
        "kernel": jnp.asarray(AMPLITUDE * of_bits[..., :4]).reshape(-1, slots, 2, 2),
        "bias": jnp.asarray(AMPLITUDE * of_bits[..., 4:]),
    }

    @jax.vmap
    def estimate(kick):
        def hear(state, one):
            return heard(state.replace(perturbation=one), inner(gradient, one)), None

        first = circuit(jax.tree.map(jnp.zeros_like, gradient))
        return gradient_estimate(jax.lax.scan(hear, first, kick)[0])

    estimates = jax.jit(estimate)(kick)
    jax.tree.map(
        lambda mean, g: np.testing.assert_allclose(mean, g, atol=1e-5),
        jax.tree.map(lambda g: g.mean(0), estimates),
        gradient,
    )
    scale = step_normalisation("length", gradient, 1, slots)
    squared = jax.vmap(lambda g: inner(g, g))(estimates)
    np.testing.assert_allclose(scale**2 * squared.mean(), inner(gradient, gradient), rtol=1e-5)


def inner(one, other):
    return sum(jnp.vdot(a, b) for a, b in zip(*map(jax.tree.leaves, (one, other)), strict=True))


@pytest.mark.parametrize("name", RULES)
def test_every_rule_goes_down_a_quadratic(name):
    hessian = jnp.float32([1.0, 0.5, 2.0])
    cost = lambda theta: 0.5 * jnp.sum(hessian * theta["w"] ** 2)
    transformation = rule(name)(jnp.float32(0.01))

    @jax.jit
    def descend(theta):
        def one(carry, _):
            theta, state = carry
            estimate = jax.grad(cost)(theta)
            request, state = transformation.update(estimate, state, theta)
            return (optax.apply_updates(theta, request), state), cost(theta)

        return jax.lax.scan(one, (theta, transformation.init(theta)), None, 200)[1]

    # Optax raises a Python number to an integer power, which the strict switch refuses.
    with jax.numpy_dtype_promotion("standard"):
        costs = np.asarray(descend({"w": jnp.float32([1.0, -2.0, 1.5])}))
    assert costs[-1] < 0.1 * costs[0]
    # Momentum may swing back; it never climbs above where it began.
    assert costs.max() == costs[0]


def test_plain_descent_requests_minus_the_rate_times_the_estimate():
    transformation = rule("sgd")(jnp.float32(0.25))
    estimate = {"w": jnp.float32([1.0, -2.0])}
    request, _ = transformation.update(estimate, transformation.init(estimate), estimate)
    np.testing.assert_array_equal(request["w"], [-0.25, 0.5])


def test_the_sign_rule_sends_the_sign_alone():
    transformation = rule("sign")(jnp.float32(0.25))
    estimate = {"w": jnp.float32([1e-6, -2e6, 0.0])}
    request, _ = transformation.update(estimate, transformation.init(estimate), estimate)
    np.testing.assert_array_equal(request["w"], [-0.25, 0.25, 0.0])


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_how_long_its_requests_are_and_what_noise_they_average(name):
    """20,000 synapses with independent normal estimates, of a small mean and σ = 1."""
    bound, rate, mean = rule(name, beta2=0.99), 0.01, 0.1
    transformation = bound(jnp.float32(rate))
    zeros = jnp.zeros(20_000, jnp.float32)

    @jax.jit
    def go(keys):
        def one(state, key):
            estimate = jax.random.normal(key, zeros.shape, jnp.float32) + mean
            request, state = transformation.update(estimate, state, zeros)
            return state, (jnp.mean(request), jnp.std(request), jnp.mean(jnp.abs(request)))

        return jax.lax.scan(one, transformation.init(zeros), keys)[1]

    with jax.numpy_dtype_promotion("standard"):
        means, deviations, lengths = go(jax.random.split(jax.random.key(0), 300))
    # A mean this small lengthens a request a little more, the more noise is averaged.
    typical = bound.request(rate, math.sqrt(2 / math.pi))
    assert float(lengths[-1]) == pytest.approx(typical, rel=0.12)
    signal = abs(float(means[-50:].mean() / deviations[-50:].mean()))
    expected = mean * math.sqrt(bound.averages())
    # A sign keeps √(2/π) of it.
    assert signal == pytest.approx(expected * (0.798 if name == "sign" else 1), rel=0.06)
