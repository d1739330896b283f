"""A delta rule in the last array: the very gradient of its weights, by what is there anyway."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.bus.costs import COSTS
from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.modes.delta import with_delta
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.window import window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams
from neuromgd.network.scale import scaled
from neuromgd.options.config import BusConfig, Config, LearningConfig, NetworkConfig, SynapseConfig
from neuromgd.options.read import checked
from neuromgd.plan.clock import workload
from neuromgd.plan.plan import Parts, plan
from neuromgd.randomness import root_key
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, number, samples

LAST = ("Dense_1",)
# A weight of the network is half a weight unit of its cell.
SQUASHED = scaled(
    from_module(MLP((6, 3), activation="tanh", output_activation="sigmoid"), (5,)), 0.5
)
WEIGHT = with_delta(MODES["weight"], LAST)
NODE = with_delta(by_array(("node", "frozen")), LAST)


def lived(design, params, tau, engine=window, windows=1):
    machine = Machine(design, params, tau)
    chip = fabricate(machine, root_key(3, 0))

    @jax.jit
    def live(chip):
        for at in range(windows):
            chip, _ = engine(machine, chip, jnp.asarray(at), samples(tau.update // tau.sample, at))
        return chip

    return chip, live(chip)


@cache
def gradient(name, network, count):
    """Of the mean cost of the first window, in the first weights."""
    machine = Machine(Design(network), IDEAL, Tau(1, 1, count))
    theta, shown = weights(fabricate(machine, root_key(3, 0))), samples(count, 0)

    def cost(theta):
        return jnp.mean(jax.vmap(COSTS[name])(network.apply(theta, shown.x), shown.y))

    return jax.grad(cost)(theta)["Dense_1"]


@pytest.mark.parametrize(
    ("mode", "cost", "network", "tau", "reference"),
    [
        (WEIGHT, "cross_entropy", NETWORK, Tau(1, 4, 4), "two_pass"),
        pytest.param(NODE, "mse", SQUASHED, Tau(2, 1, 8), "reuse", marks=pytest.mark.slow),
    ],
)
def test_an_ideal_array_moves_by_the_gradient_of_the_mean_cost(mode, cost, network, tau, reference):
    """η·∇C, whatever number of kicks normalises the steps of the other arrays."""
    design = Design(network, mode=mode, cost=COSTS[cost], reference=REFERENCES[reference])
    before, after = lived(design, IDEAL, tau)
    true = gradient(cost, network, 4)
    for name in ("kernel", "bias"):
        step = weights(after)["Dense_1"][name] - weights(before)["Dense_1"][name]
        np.testing.assert_allclose(step, -0.3 * true[name], atol=1e-7, rtol=1e-5)
        other = weights(after)["Dense_0"][name] - weights(before)["Dense_0"][name]
        assert np.abs(other).max() > 1e-3


def test_other_arrays_learn_as_before_a_frozen_one():
    alone = Design(NETWORK, mode=by_array(("node", "frozen")), frozen=(LAST,))
    _, one = lived(alone, IDEAL, Tau(1, 1, 4))
    _, other = lived(Design(NETWORK, mode=NODE), IDEAL, Tau(1, 1, 4))
    for a, b in zip(
        jax.tree.leaves(weights(one)["Dense_0"]), jax.tree.leaves(weights(other)["Dense_0"]),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(a, b, atol=1e-7)


def last_moves(mode, reference, params, windows):
    """What a window at once and its timesteps make of all weights."""
    design = Design(NETWORK, mode=mode, reference=REFERENCES[reference])
    for engine in (window, window_by_steps):
        yield jax.tree.leaves(weights(lived(design, params, Tau(2, 1, 4), engine, windows)[1]))


def same(one, other, within):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, atol=within)


@pytest.mark.slow
def test_a_window_is_its_timesteps_while_sums_leak_and_round():
    circuit = IDEAL.synapse.replace(
        multiplier_gain_spread=number(0.3),
        multiplier_offset_spread=number(0.05),
        accumulator_leak=number(0.1),
        accumulator_range=number(4),
        accumulator_top=number(127),
    )
    network = NetworkParams(output_noise=number(0.1))
    noisy = IDEAL.replace(synapse=circuit, network=network)
    same(*last_moves(WEIGHT, "reuse", noisy, 1), within=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [WEIGHT, NODE])
def test_a_window_is_its_timesteps_with_every_effect(mode):
    same(*last_moves(mode, "two_pass", CIRCUITS, 2), within=2e-4)


def config(mode="wp,delta", **more):
    learning = more.pop("learning", LearningConfig(mode=mode))
    network = more.pop("network", NetworkConfig(hidden=(3,)))
    return checked(Config(
        task="parity", windows=2, chips=1, ideal=True, network=network, learning=learning, **more
    ))  # fmt: skip


def test_it_is_counted_as_a_pass_without_kicks_asks_for_it():
    one = plan(config("wp,delta", platform="capacitor_cmos"))
    facts = workload(config(), one.machine, one.layers, 1000)
    # 2 inputs, 3 neurons, 1 output: 9 synapses are kicked, 4 learn in every pass without a kick.
    assert (facts["kicked"], facts["by_error"]) == (9, 4)
    plain = plan(config("wp,wp", platform="capacitor_cmos"))
    spent, usual = (report.energy.by(0) for report in (one.report, plain.report))
    held = one.tau.update
    assert (one.tau.perturbation, held) == (4, 4)
    assert spent["accumulate"] * 13 == usual["accumulate"] * (9 + 4 * held)
    assert spent["perturb"] * 13 == usual["perturb"] * 9
    assert spent["write"] == usual["write"]


def with_cost():
    return plan(config(), Parts(cost=lambda output, target: jnp.sum(jnp.abs(output - target))))


class Half(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(1)(nn.Dense(2)(x)) / 2


def with_half():
    return plan(config(network=NetworkConfig()), Parts(network=Half()))


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: config("delta,wp"), "delta rule is of the last array alone"),
        (lambda: config("frozen,delta"), "no array is kicked"),
        (lambda: plan(config("wp,wp,delta")), "gives 3 words, the network has 2 arrays"),
        (with_cost, "the costs that give it are mse and cross_entropy"),
        (lambda: plan(config(bus=BusConfig(reference="central"))), "beside a delta rule"),
        (with_half, "not the columns of its last array"),
        (lambda: plan(config(synapse=SynapseConfig(amplitudes="0.1,0.1"))), "expected 0"),
    ],
)  # fmt: skip
def test_what_it_cannot_teach_is_refused(make, line):
    with pytest.raises(InputError, match=line):
        make()


def test_amplitudes_and_rates_of_the_others_leave_its_scale_alone():
    learning = LearningConfig(mode="np,delta", rates="0.1,0.4")
    one = plan(config(synapse=SynapseConfig(amplitudes="0.1,0"), learning=learning))
    chip = fabricate(one.machine, root_key(0, 0))
    np.testing.assert_array_equal(chip.traits.synapse.multiplier_gain["Dense_1"]["bias"], 1)
    assert one.params.synapse.rate_ratios["Dense_1"]["bias"] == number(1)
