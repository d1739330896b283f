"""What every synapse learns is the gradient: its mean, its length, its limit of small kicks."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.randomness import root_key
from tests.chip.linear import P, chip_of, estimates
from tests.chip.small import IDEAL, NETWORK, number, samples
from tests.statistics import assert_mean


def quadratic():
    root = jax.random.normal(jax.random.key(7), (P, P)) / 3
    curvature = np.asarray(root @ root.T)
    return curvature, lambda theta: 0.5 * theta @ curvature @ theta


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_estimate_is_unbiased_on_a_quadratic_cost(reference):
    curvature, cost = quadratic()
    amplitude = 0.1
    design, params, chip = chip_of(cost, amplitude)
    design = dataclasses.replace(design, reference=REFERENCES[reference])
    gradient = curvature @ np.asarray(weights(chip)["array"], float)
    # Spall (1992): the second difference adds its own variance, but no bias; two-sided passes
    # cancel it.
    off_diagonal = np.sum((curvature - np.diag(np.diag(curvature))) ** 2)
    second = (amplitude / 2) ** 2 * (np.trace(curvature) ** 2 + 2 * off_diagonal)
    variance = np.sum(gradient**2) - gradient**2 + (second if reference != "central" else 0)
    samples = estimates(design, params, chip, 1, 40_000)
    assert_mean(samples, gradient, variance, sees=0.05)


@pytest.mark.parametrize("perturbations", [1, 4, 16])
def test_the_length_of_the_estimate_follows_the_law(perturbations):
    # E‖Ĝ‖² = ‖∇C‖²(1 + (P−1)/T) on a linear cost; its sample variance is at most (P‖∇C‖²)².
    slope = np.linspace(-1, 2, P)
    design, params, chip = chip_of(lambda theta: theta @ jnp.asarray(slope, jnp.float32), 0.1)
    length = np.sum(estimates(design, params, chip, perturbations, 20_000) ** 2, axis=1)
    expected = np.sum(slope**2) * (1 + (P - 1) / perturbations)
    assert_mean(length, expected, np.var(length, ddof=1), sees=0.06)


def test_an_amplitude_spread_scales_each_gradient_by_its_own_gain():
    slope = np.linspace(0.5, 2, P)
    design, params, chip = chip_of(lambda theta: theta @ jnp.asarray(slope, jnp.float32), 0.1, 0.3)
    gain = np.asarray(chip.traits.synapse.amplitude_gain["array"], float)
    samples = estimates(design, params, chip, 1, 20_000)
    slopes = gain * slope
    assert_mean(samples, slopes, np.sum(slopes**2) - slopes**2, sees=0.06)


def test_the_estimate_tends_to_backpropagation_as_the_kick_shrinks():
    """For one pattern of signs, ΔC/Δθ tends to the slope along it, linearly in Δθ."""
    design = Design(NETWORK, step_normalisation="none")
    chip = fabricate(Machine(design, IDEAL, Tau(1, 16, 16)), root_key(2, 0))
    theta, shown = weights(chip), samples(16, seed=1)

    def cost(theta):
        return jax.vmap(design.cost)(NETWORK.apply(theta, shown.x), shown.y)

    gradient = jax.jit(jax.grad(lambda theta: jnp.mean(cost(theta))))(theta)
    signs = jax.jit(design.code.draw)(chip.key, theta, jnp.int32(0))

    def error(amplitude, difference):
        exact = dataclasses.replace(design, cost_difference=difference)
        synapse = IDEAL.synapse.replace(amplitude=number(amplitude), learning_rate=number(1))
        machine = Machine(exact, IDEAL.replace(synapse=synapse), Tau(1, 16, 16))
        after, _ = jax.jit(window)(machine, chip, jnp.int32(0), shown)
        estimate = jax.tree.map(jnp.subtract, theta, weights(after))
        slope = sum(
            jnp.sum(a * b)
            for a, b in zip(jax.tree.leaves(signs), jax.tree.leaves(gradient), strict=True)
        )
        off = jax.tree.map(lambda e, sign: jnp.max(jnp.abs(e - slope * sign)), estimate, signs)
        return float(max(jax.tree.leaves(off)))

    large, middle, small = (error(amplitude, "finite") for amplitude in (0.1, 0.03, 0.01))
    assert 2 < large / middle < 5
    assert 2 < middle / small < 5
    assert error(0.1, "exact") < 1e-5


@pytest.mark.slow
def test_reuse_and_two_pass_agree_without_noise():
    chips = []
    for reference in ("two_pass", "reuse"):
        design = Design(NETWORK, reference=REFERENCES[reference])
        machine = Machine(design, IDEAL, Tau(2, 1, 8))
        chip = fabricate(machine, root_key(4, 0))
        for number_ in range(2):
            chip, _ = window(machine, chip, jnp.int32(number_), samples(4, number_))
        chips.append(weights(chip))
    jax.tree.map(np.testing.assert_array_equal, *chips)


def test_cost_noise_adds_its_variance():
    """Var[Ĝ_i] grows by 2σ²/(Δθ²T) with two passes, by σ²/(2Δθ²T) with two-sided ones."""
    slope, amplitude, sigma = np.linspace(-1, 1, P), 0.1, 0.3
    for reference, factor in (("two_pass", 2), ("central", 0.5)):
        design, params, chip = chip_of(
            lambda theta: theta @ jnp.asarray(slope, jnp.float32), amplitude
        )
        design = dataclasses.replace(design, reference=REFERENCES[reference])
        params = params.replace(bus=params.bus.replace(cost_noise=number(sigma)))
        samples = estimates(design, params, chip, 1, 20_000)
        variance = np.sum(slope**2) - slope**2 + factor * sigma**2 / amplitude**2
        assert_mean(samples, slope, variance, sees=0.06)
        squares = (samples - slope) ** 2
        assert_mean(squares, variance, np.var(squares, axis=0, ddof=1), sees=0.06)
