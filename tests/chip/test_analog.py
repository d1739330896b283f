"""Continuous time against its twin, and against the discrete mode that it comes near."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.meter import BusParams
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.step import step
from neuromgd.chip.window import steps_because
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.linear import NOTHING, P, chip_of
from tests.chip.small import CIRCUITS, NETWORK, number, samples
from tests.chip.test_twin import AMPLITUDE, PARAMS, RATE, as_pairs, draws
from tests.oracles.twin import analog_twin, lift, twin

ANALOG = MODES["analog"]
STEPS = 48
TAUS = [(4, 1, 4), (8, 2, 16), (6, 3, 12), (5, 1, 5), (24, 4, 24)]


def test_the_chip_follows_its_twin():
    """Every τ and τ_hp by one program: they are numbers, not shapes."""
    design, traces = Design(NETWORK, mode=ANALOG), []

    @jax.jit
    def run(tau, high_pass, chip, shown):
        traces.append(tau)
        params = PARAMS.replace(bus=PARAMS.bus.replace(high_pass=high_pass))

        def one(chip, n):
            sample = jax.tree.map(lambda leaf: leaf[n // tau.sample][None], shown)
            chip, _ = step(Machine(design, params, tau), chip, n, sample)
            return chip, weights(chip)

        return jax.lax.scan(one, chip, jnp.arange(STEPS))[1]

    chip = fabricate(Machine(design, PARAMS, Tau(*TAUS[0])), root_key(3, 0))
    shown, own = samples(STEPS, seed=5), draws(chip)
    for tau, high_pass in zip(TAUS, (1.5, 0.5, 4.0, 20.0, 1.5), strict=True):
        ours = as_pairs(run(Tau(*map(jnp.int32, tau)), number(high_pass), chip, shown))
        theirs = analog_twin(
            as_pairs(weights(chip)), as_pairs(chip.traits.synapse.amplitude_gain), own,
            np.asarray(shown.x, float), np.asarray(shown.y), tau, high_pass, AMPLITUDE, RATE, STEPS,
        )  # fmt: skip
        for layer, kind in np.ndindex(2, 2):
            twins = np.stack([seen[layer][kind] for seen in theirs])
            np.testing.assert_allclose(ours[layer][kind], twins, atol=5e-4, err_msg=f"{tau}")
    assert len(traces) == 1


def test_sines_are_told_by_what_the_high_pass_lets_through_of_each():
    """Over a period of the code, the mean estimate of a linear cost is g_i·Re H(ω_i).

    H is the high-pass at the frequency of synapse i, so that 1 − Re H falls as 1/2τ_hp.
    """
    slope, period = np.linspace(0.5, 2, P), CODES["sinusoidal"].period(P)
    assert CODES["sinusoidal"].period(P) == 32
    # A shift of the cost and of a new sample is no kick.
    design, params, _ = chip_of(lambda theta: theta @ jnp.asarray(slope, jnp.float32) + 3, 0.1)
    design = Design(
        design.network, cost=design.cost, step_normalisation="none", mode=ANALOG,
        code=CODES["sinusoidal"],
    )  # fmt: skip
    still = params.synapse.replace(learning_rate=number(0))
    tau, settled = Tau(*map(jnp.int32, (10**6, 1, period))), 10 * period

    @jax.jit
    def estimates(high_pass):
        machine = Machine(
            design, params.replace(synapse=still, bus=BusParams(high_pass=high_pass)), tau
        )

        def one(chip, n):
            chip, _ = step(machine, chip, n, NOTHING)
            return chip, chip.synapse.gradient_sum["array"] / (period + 1)

        chip = fabricate(machine, root_key(0, 0))
        every = jax.lax.scan(one, chip, jnp.arange(settled + period))[1]
        kicks = jax.vmap(lambda n: CODES["sinusoidal"].draw(chip.key, weights(chip), n))
        return every[settled:].mean(0), kicks(jnp.arange(period))["array"]

    def through(place, high_pass):
        turn, a = np.exp(-2j * np.pi * place / period), high_pass / (high_pass + 1)
        return (a * (1 - turn) / (1 - a * turn)).real

    for high_pass in (2.0, 20.0):
        mean, kicks = estimates(number(high_pass))
        place = np.abs(np.fft.rfft(np.asarray(kicks, float), axis=0)).argmax(0)
        np.testing.assert_allclose(mean, slope * through(place, high_pass), rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(2e3 * (1 - through(place, 1e3)), 1, rtol=0.06)


def slow(scale):
    """Distance of continuous time from the discrete mode after 12 windows, over their own way.

    There is one sample, and a code of high frequencies with a period of 64 slots; τ_hp is
    8·``scale`` timesteps, a window ``scale`` periods. The low-pass is late by τ_θ, so that a window
    more is run.
    """
    draw = np.random.default_rng(0)
    theta = [[draw.normal(size=3), draw.normal(size=(2, 3))],
             [draw.normal(size=2), draw.normal(size=(3, 2))]]  # fmt: skip
    sizes = [leaf.size for pair in theta for leaf in pair]
    length, count = 64, sum(sizes)
    times, phase = np.arange(length), draw.uniform(size=count)
    kicks = np.sqrt(2) * np.sin(
        2 * np.pi * (np.outer(times, 12 + np.arange(count)) / length + phase)
    )

    def code(slot):
        parts = iter(np.split(kicks[slot % length], np.cumsum(sizes)[:-1]))
        return lift(lambda leaf: next(parts).reshape(leaf.shape), theta)

    nothing = lift(np.zeros_like, theta)
    own = SimpleNamespace(
        code=code, cost=lambda n: 0.0, reference=lambda n: 0.0,
        update=lambda n: nothing, write=lambda n: nothing,
    )  # fmt: skip
    gain, window = lift(np.ones_like, theta), length * scale
    x, y, rate = np.array([[0.3, -0.8]] * 13), np.zeros(13, int), 0.4 / scale
    discrete = twin(
        theta, gain, own, x, y, (window, 1, window), 1e-3, rate, 12 * window, "two_pass",
        "perturbation",
    )[-1]  # fmt: skip
    analog = analog_twin(
        theta, gain, own, x[:1].repeat(13, 0), y, (window * 13, 1, window), 8 * scale, 1e-3, rate,
        13 * window,
    )[-1]  # fmt: skip
    row = lambda pairs: np.concatenate([leaf.ravel() for pair in pairs for leaf in pair])
    return np.linalg.norm(row(analog) - row(discrete)) / np.linalg.norm(row(discrete) - row(theta))


@pytest.mark.slow
def test_slowed_down_it_is_the_discrete_mode():
    """Twice as slow is half as far: the distance is of the first order in 1/τ_hp, η and τ_p/τ_θ."""
    far, near = slow(4), slow(8)
    assert near < 0.06
    assert 1.6 < far / near < 2.4


def test_no_timestep_reads_a_reference_and_the_first_reading_of_a_sample_is_blanked():
    design, params, _ = chip_of(lambda theta: theta @ jnp.linspace(0.5, 2, P), 0.1)
    design = Design(design.network, cost=design.cost, mode=ANALOG)
    assert design.reference.readings(100, 10) == 0
    assert design.broadcast == "timestep"
    params = params.replace(bus=BusParams(high_pass=number(3)))
    machine = Machine(design, params, Tau(*map(jnp.int32, (5, 1, 5))))
    chip = fabricate(machine, root_key(0, 0))
    _, heard = jax.lax.scan(
        lambda chip, n: (lambda c, seen: (c, seen.delta_cost))(*step(machine, chip, n, NOTHING)),
        chip, jnp.arange(11),
    )  # fmt: skip
    assert heard[0] == 0
    assert (heard[1:5] > 0).all()
    np.testing.assert_allclose(heard[5], 0.75 * heard[4], rtol=1e-6)


@pytest.mark.slow
def test_every_circuit_takes_part_and_is_kept_from_window_to_window():
    """Bits, range and leak of the accumulator, late and lost ΔC: nothing blows up."""
    design = Design(NETWORK, mode=ANALOG, delay=2, has_residue=True)
    assert steps_because(Machine(design, CIRCUITS, Tau(4, 1, 8))) == (
        "weights move at every timestep"
    )
    params = CIRCUITS.replace(bus=CIRCUITS.bus.replace(high_pass=number(4)))
    machine = Machine(design, params, Tau(*map(jnp.int32, (4, 2, 8))))
    chip, shown = fabricate(machine, root_key(1, 0)), samples(10, seed=3)

    def one(chip, n):
        sample = jax.tree.map(lambda leaf: leaf[n // 4][None], shown)
        return step(machine, chip, n, sample)[0], None

    after = jax.jit(lambda chip: jax.lax.scan(one, chip, jnp.arange(40))[0])(chip)
    top, full = 1023, 50.0
    for total in jax.tree.leaves(after.synapse.gradient_sum):
        assert np.abs(total).max() <= full
        codes = np.asarray(total, float) * top / full
        np.testing.assert_allclose(codes, np.round(codes), atol=1e-2)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(weights(after)))
    assert any(np.any(one != two) for one, two in zip(
        jax.tree.leaves(weights(after)), jax.tree.leaves(weights(chip)), strict=True))  # fmt: skip
