"""Learning circuits and receivers that are not ideal: what each defect does to the estimate."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.meter import BusParams
from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.step import step
from neuromgd.chip.window import steps_because, window
from neuromgd.device.params import DeviceParams
from neuromgd.randomness import root_key
from tests.chip.linear import NOTHING, P, chip_of, estimates
from tests.chip.small import IDEAL, NETWORK, number, samples
from tests.statistics import assert_mean, assert_uncorrelated

SLOPE = np.linspace(0.5, 2, P)
LENGTH = np.sum(SLOPE**2)
SINGLE = LENGTH - SLOPE**2  # Var[Ĝ_i] of one perturbation of a linear cost
COUNT = 20_000

ONE = Tau(1, 1, 1)


def linear(bus=None, **synapse):
    """A chip with a linear cost, and (COUNT, P) of its estimates from one perturbation each."""
    slope = jnp.asarray(SLOPE, jnp.float32)
    design, params, chip = chip_of(lambda theta: theta @ slope, 0.1, **synapse)
    if bus is not None:
        numbers = {name: number(value) for name, value in bus.items()}
        params = params.replace(bus=BusParams(**numbers))
        chip = fabricate(Machine(design, params, ONE), root_key(0, 0))
    return chip, estimates(design, params, chip, 1, COUNT)


def trait(chip, name):
    return np.asarray(getattr(chip.traits.synapse, name)["array"], float)


def test_a_wrong_sign_in_memory_shrinks_the_estimate():
    rate = 0.2
    _, samples = linear(storage_flip_rate=rate)
    mean = (1 - 2 * rate) * SLOPE
    assert_mean(samples, mean, LENGTH - mean**2, sees=0.06)


def test_a_noisy_memory_is_unbiased_and_adds_its_own_variance():
    sigma = 0.5
    _, samples = linear(storage_noise=sigma)
    variance = SINGLE + sigma**2 * LENGTH
    assert_mean(samples, SLOPE, variance, sees=0.06)
    squares = (samples - SLOPE) ** 2
    assert_mean(squares, variance, np.var(squares, axis=0, ddof=1), sees=0.06)


def test_unequal_kicks_up_and_down_leave_the_estimate_unbiased():
    chip, samples = linear(amplitude_asymmetry_spread=0.2)
    # ΔC = Σ g_j Δθ(s_j + a_j): what is common to all kicks is uncorrelated with any.
    variance = SINGLE + np.sum(SLOPE * trait(chip, "amplitude_asymmetry")) ** 2
    assert_mean(samples, SLOPE, variance, sees=0.06)


def test_a_multiplier_has_a_gain_and_an_offset_of_its_own():
    chip, samples = linear(multiplier_gain_spread=0.2, multiplier_offset_spread=0.3)
    gain, offset = trait(chip, "multiplier_gain"), trait(chip, "multiplier_offset")
    assert_mean(samples, gain * SLOPE + offset, gain**2 * SINGLE, sees=0.06)


def test_a_receiver_has_a_gain_of_its_own():
    chip, samples = linear(bus={"reception_gain_spread": 0.2})
    gain = np.asarray(chip.traits.reception["array"], float)
    assert_mean(samples, gain * SLOPE, gain**2 * SINGLE, sees=0.06)


def test_a_receiver_has_noise_of_its_own():
    sigma, amplitude = 0.3, 0.1
    _, samples = linear(bus={"reception_noise": sigma})
    assert_mean(samples, SLOPE, SINGLE + sigma**2 / amplitude**2, sees=0.06)
    # A flat cost leaves nothing but the noise: independent between synapses, and in time.
    design, params, chip = chip_of(lambda theta: 0 * theta[0], amplitude)
    params = params.replace(bus=BusParams(reception_noise=number(sigma)))
    assert_uncorrelated(estimates(design, params, chip, 1, COUNT))


@pytest.mark.parametrize("scope", ["drop_rate", "chip_drop_rate"])
def test_missed_broadcasts_shrink_the_estimate(scope):
    rate = 0.25
    _, samples = linear(bus={scope: rate})
    mean = (1 - rate) * SLOPE
    assert_mean(samples, mean, (1 - rate) * LENGTH - mean**2, sees=0.06)
    is_missed = samples == 0
    if scope == "chip_drop_rate":
        np.testing.assert_array_equal(is_missed.all(1), is_missed.any(1))
    else:
        assert_uncorrelated(is_missed.astype(float))


# A ΔC that is late.

DELAYED = Design(NETWORK, step_normalisation="none")


def sums(design, tau, steps):
    """The running sums of every synapse after each timestep, before anything is written."""
    chip = fabricate(Machine(design, IDEAL, ONE), root_key(1, 0))
    shown = samples(steps, seed=3)
    hold = Tau(*(jnp.int32(t) for t in tau))

    def one(chip, n):
        sample = jax.tree.map(lambda leaf: leaf[n][None], shown)
        chip, _ = step(Machine(design, IDEAL, hold), chip, n, sample)
        return chip, chip.synapse.gradient_sum

    return jax.jit(lambda chip: jax.lax.scan(one, chip, jnp.arange(steps))[1])(chip)


@pytest.mark.parametrize("broadcast", ["perturbation", "timestep"])
def test_a_delay_with_enough_memory_is_a_shift(broadcast):
    design = dataclasses.replace(DELAYED, broadcast=broadcast)
    tau, delay = Tau(1, 2, 64), 5
    prompt = sums(design, tau, 32)
    late = sums(dataclasses.replace(design, delay=delay), tau, 32)
    for soon, then in zip(jax.tree.leaves(prompt), jax.tree.leaves(late), strict=True):
        np.testing.assert_array_equal(then[:delay], 0)
        np.testing.assert_allclose(then[delay:], soon[:-delay], rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_too_short_a_memory_learns_nothing():
    slope = jnp.asarray(SLOPE, jnp.float32)
    design, params, _ = chip_of(lambda theta: theta @ slope, 0.1)
    tau = Tau(2, 1, 2)

    def heard(memory):
        """Of two perturbations, the first one arrives, while the second one is applied."""
        late = dataclasses.replace(design, delay=1, stored_perturbations=memory)
        chip = fabricate(Machine(late, params, tau), root_key(0, 0))
        before = weights(chip)["array"]

        def one(key):
            after, _ = window(
                Machine(late, params, tau), chip.replace(key=key), jnp.int32(0), NOTHING
            )
            return before - weights(after)["array"]

        keys = jax.vmap(lambda number: root_key(0, number))(jnp.arange(COUNT))
        return np.asarray(jax.jit(lambda: jax.lax.map(one, keys, batch_size=1000))(), float)

    assert_mean(heard(2), SLOPE, SINGLE, sees=0.06)
    assert_mean(heard(1), 0, LENGTH, sees=0.06)


# A kick that is written to the memory cell itself.

WRITTEN = Design(NETWORK, perturbation_element="cell")


@pytest.mark.parametrize(("reference", "writes"), [("two_pass", 2), ("reuse", 2), ("central", 3)])
def test_a_written_kick_wears_the_cell(reference, writes):
    for tau in (Tau(1, 4, 4), Tau(1, 2, 8)):
        design = dataclasses.replace(WRITTEN, reference=REFERENCES[reference])
        chip = fabricate(Machine(design, IDEAL, ONE), root_key(1, 0))
        after, _ = jax.jit(window)(
            Machine(design, IDEAL, tau), chip, jnp.int32(0), samples(tau.update, seed=1)
        )
        per_window = writes * tau.update // tau.perturbation + 1
        for cell in jax.tree.leaves(after.cells, is_leaf=lambda leaf: hasattr(leaf, "writes")):
            np.testing.assert_array_equal(cell.writes, per_window)


@pytest.mark.slow
def test_a_written_kick_of_ideal_cells_learns_what_a_volatile_one_does():
    tau = Tau(1, 4, 4)
    chip, shown = fabricate(Machine(WRITTEN, IDEAL, tau), root_key(1, 0)), samples(4, seed=1)
    volatile = dataclasses.replace(WRITTEN, perturbation_element="volatile")
    one, other = (
        weights(jax.jit(window)(Machine(design, IDEAL, tau), chip, jnp.int32(0), shown)[0])
        for design in (WRITTEN, volatile)
    )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), one, other)


def test_a_written_kick_does_not_come_back_exactly():
    """With noisy writes and no learning, weights walk by two writes a perturbation."""
    sigma = 1e-3
    params = IDEAL.replace(
        synapse=IDEAL.synapse.replace(learning_rate=number(0)),
        device=DeviceParams(update_noise=number(sigma)),
    )
    design = dataclasses.replace(WRITTEN, step_normalisation="none")
    chip = fabricate(Machine(design, params, ONE), root_key(1, 0))
    tau = Tau(1, 1, 1)

    def one(number):
        after, _ = window(Machine(design, params, tau), chip, number, samples(1, seed=1))
        return jax.tree.map(jnp.subtract, weights(after), weights(chip))

    moved = jax.jit(lambda: jax.lax.map(one, jnp.arange(4000)))()
    flat = np.concatenate([np.reshape(leaf, (4000, -1)) for leaf in jax.tree.leaves(moved)], 1)
    # A request of exactly zero is no write of its own: two noises remain, of the kick and back.
    assert_mean(flat, 0, 2 * sigma**2, sees=0.13)
    assert_mean(flat**2, 2 * sigma**2, 8 * sigma**4, sees=0.13)
    assert_uncorrelated(flat)


def test_what_depends_on_the_past_of_a_window_is_said():
    tau = Tau(1, 1, 4)
    assert steps_because(Machine(DELAYED, IDEAL, tau)) is None
    assert "delayed" in str(
        steps_because(Machine(dataclasses.replace(DELAYED, delay=1), IDEAL, tau))
    )
    assert "written" in str(steps_because(Machine(WRITTEN, IDEAL, tau)))
    assert steps_because(Machine(WRITTEN, IDEAL, Tau(1, 4, 4))) is None
