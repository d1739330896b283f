"""Every array may kick by an amplitude of its own, and knows it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.window import window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.plan.amplitudes import with_amplitudes
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.linear import NOTHING
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, number, samples

SLOPES = {"one": {"w": np.linspace(1, 2, 6).reshape(2, 3)}, "two": {"w": np.linspace(-1, 3, 4)}}
RATIOS = {"one": {"w": number(1)}, "two": {"w": number(0.25)}}


def test_an_estimate_is_the_change_over_its_own_amplitude():
    """Ĝ_i = s_i/Δ_i·Σ_j g_j Δ_j s_j of a linear cost."""
    network = Network(
        initialise=lambda key: jax.tree.map(lambda one: jnp.zeros(one.shape), SLOPES),
        apply=lambda theta, x: (
            0 * x
            + sum(jnp.sum(theta[name]["w"] * jnp.float32(SLOPES[name]["w"])) for name in SLOPES)
        ),
    )
    synapse = IDEAL.synapse.replace(
        amplitude=number(0.5), learning_rate=number(1), amplitude_ratios=RATIOS
    )
    design = Design(network, cost=lambda output, _: output[0], step_normalisation="none")
    machine = Machine(design, IDEAL.replace(synapse=synapse), Tau(1, 1, 1))
    chip = fabricate(machine, root_key(0, 0))
    after, _ = jax.jit(window)(machine, chip, jnp.int32(3), NOTHING)
    signs = design.code.draw(chip.key, weights(chip), jnp.int32(3))
    sizes = {"one": 0.5, "two": 0.125}
    change = sum(np.sum(SLOPES[n]["w"] * sizes[n] * np.asarray(signs[n]["w"])) for n in sizes)
    for name, size in sizes.items():
        expected = -change / size * np.asarray(signs[name]["w"])
        np.testing.assert_allclose(weights(after)[name]["w"], expected, rtol=1e-5)


def run(engine, mode, code, synapse, params):
    synapse = params.synapse.replace(learning_rate=number(0.3), **synapse)
    machine = Machine(
        Design(NETWORK, mode=by_array(mode), code=CODES[code]), params.replace(synapse=synapse),
        Tau(1, 1, 4),
    )  # fmt: skip
    chip = fabricate(machine, root_key(1, 0))
    after, _ = jax.jit(engine)(machine, chip, jnp.int32(0), samples(4, seed=2))
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(weights(after))])


@pytest.mark.slow
@pytest.mark.parametrize("code", ["rademacher", "product"])
def test_of_weights_and_of_neurons_they_are_those_that_each_kind_has(code):
    """Two kinds with one number each are as they were; a window equals its timesteps."""
    mode = ("weight", "node")
    known = IDEAL.synapse
    own = with_amplitudes(known, "0.03,0.2", NETWORK, mode)
    told = {name: getattr(own, name) for name in ("amplitude", "node_amplitude")}
    assert told == {"amplitude": jnp.float32(0.03), "node_amplitude": jnp.float32(0.2)}
    plain = run(window, mode, code, told, IDEAL)
    ratios = jax.tree.map(jnp.ones_like, own.amplitude_ratios)
    every = told | {"amplitude_ratios": ratios}
    np.testing.assert_allclose(run(window, mode, code, every, IDEAL), plain, rtol=1e-5)
    # The same amplitudes, told against another number.
    halves = jax.tree.map(lambda one: 0.5 * one, ratios)
    twice = {name: 2 * one for name, one in told.items()} | {"amplitude_ratios": halves}
    np.testing.assert_allclose(run(window, mode, code, twice, IDEAL), plain, rtol=1e-4, atol=1e-6)
    steps = run(window_by_steps, mode, code, twice, IDEAL)
    np.testing.assert_allclose(steps, plain, rtol=2e-4, atol=2e-5)


@pytest.mark.slow
def test_circuits_are_as_good_at_any_amplitude():
    """Spread, asymmetry, storage and multipliers are of the own amplitude of an array."""
    mode, ones = (
        ("weight", "weight"),
        jax.tree.map(jnp.ones_like, NETWORK.initialise(root_key(0, 0))),
    )
    ratios = jax.tree.map(lambda one: jnp.full((), 0.5), ones)
    amplitude = CIRCUITS.synapse.amplitude
    plain = run(window, mode, "rademacher", {}, CIRCUITS)
    twice = {"amplitude": 2 * amplitude, "amplitude_ratios": ratios}
    own = run(window, mode, "rademacher", twice, CIRCUITS)
    np.testing.assert_allclose(own, plain, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0.1", "gives 1 amplitudes, the network has 2 arrays: Dense_0, Dense_1"),
        ("0.1,-2", "expected an amplitude > 0"),
    ],
)
def test_what_fits_no_network_is_refused(text, line):
    with pytest.raises(InputError, match=line):
        with_amplitudes(IDEAL.synapse, text, NETWORK, ("weight",))
