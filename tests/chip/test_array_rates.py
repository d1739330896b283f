"""Every array counts its own kicks, and may have a rate of its own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.window import window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.network.mlp import MLP
from neuromgd.network.network import Network, from_module
from neuromgd.plan.rates import with_rates
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, NETWORK, ONE_LAYER, number, samples
from tests.statistics import assert_mean

WEIGHT, NODE = MODES["weight"], MODES["node"]
AMPLITUDE, OWN = 0.01, 0.02
BOTH = IDEAL.replace(
    synapse=IDEAL.synapse.replace(
        amplitude=number(AMPLITUDE), node_amplitude=number(OWN), learning_rate=number(1)
    )
)


def squared(tree):
    return sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(tree))


def moves(mode, params, tau, count, kind="array"):
    """(count, 2) squared lengths of the updates of both arrays at the first weights."""
    design = Design(NETWORK, mode=mode, step_normalisation=kind, cost_difference="exact")
    machine = Machine(design, params, tau)
    chip, shown = fabricate(machine, root_key(3, 0)), samples(1, seed=5)
    before = weights(chip)

    def one(number):
        after, _ = window(machine, chip, number, shown)
        moved = jax.tree.map(jnp.subtract, before, weights(after))
        return jnp.stack([squared(moved[name]) for name in ("Dense_0", "Dense_1")])

    drawn = jax.jit(lambda: jax.lax.map(one, jnp.arange(count), batch_size=500))()
    return np.asarray(drawn, float), before, shown


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("weight", "weight"), marks=pytest.mark.slow),
        pytest.param(("weight", "node"), marks=pytest.mark.slow),
        pytest.param(("node", "weight"), marks=pytest.mark.slow),
        ("node", "node"),
    ],
)
def test_updates_of_an_array_are_as_long_as_the_law_says(words):
    """s_a²·E‖Ĝ_a‖² = ‖∇_a C‖²·(T − 1 + n_a·D/S_a)/(T − 1 + n_a), with S_a = Δ_a²·‖g_a‖², D = ΣS_a.

    g_a is the slope along what array a kicks, n_a of it.
    """
    times, columns, sizes = 4, (6, 3), (6 * 5 + 6, 3 * 6 + 3)
    drawn, theta, shown = moves(by_array(words), BOTH, Tau(times, 1, times), 12_000)
    whole = lambda theta: Design(NETWORK).cost(NETWORK.apply(theta, shown.x)[0], shown.y[0])
    slopes = jax.grad(whole)(theta)
    counts, own = [], []
    for place, word in enumerate(words):
        slope = slopes[f"Dense_{place}"]
        # The slope along a neuron is that of its bias.
        is_node = word == "node"
        counts.append(columns[place] if is_node else sizes[place])
        own.append(OWN**2 * squared(slope["bias"]) if is_node else AMPLITUDE**2 * squared(slope))
    for place, (count, part) in enumerate(zip(counts, own, strict=True)):
        share = float((times - 1 + count * sum(own) / part) / (times - 1 + count))
        expected = share * float(squared(slopes[f"Dense_{place}"]))
        length = drawn[:, place]
        assert_mean(length, expected, np.var(length, ddof=1), sees=0.12)


def after(params, mode=WEIGHT, network=NETWORK, engine=window, **choices):
    machine = Machine(Design(network, mode=mode, **choices), params, Tau(4, 2, 4))
    chip = fabricate(machine, root_key(1, 0))
    done, _ = jax.jit(engine)(machine, chip, jnp.int32(0), samples(1, seed=0))
    return weights(chip), weights(done)


@pytest.mark.slow
def test_one_array_alone_is_the_whole_chip():
    one, other = (
        after(IDEAL, network=ONE_LAYER, step_normalisation=k) for k in ("length", "array")
    )
    jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.slow
def test_weights_without_modules_are_one_array():
    plain = Network(
        lambda key: [jnp.ones((5, 3)), jnp.zeros(3)], lambda theta, x: x @ theta[0] + theta[1][None]
    )
    one, other = (after(IDEAL, network=plain, step_normalisation=k) for k in ("length", "array"))
    jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.parametrize("mode", [WEIGHT, NODE])
@pytest.mark.parametrize("engine", [window, window_by_steps])
def test_an_array_moves_by_its_own_rate(mode, engine):
    """Requests are linear in the rate: half of it is half the way, array by array."""
    own = with_rates(IDEAL.synapse, "0.15, 0.3", NETWORK, ("weight",))
    first, plain = after(IDEAL, mode, engine=engine)
    _, mixed = after(IDEAL.replace(synapse=own), mode, engine=engine)
    for name, share in (("Dense_0", 0.5), ("Dense_1", 1.0)):
        for leaf in ("kernel", "bias"):
            wanted = share * (plain[name][leaf] - first[name][leaf])
            np.testing.assert_allclose(mixed[name][leaf] - first[name][leaf], wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "network", "line"),
    [
        ("0.1", NETWORK, "gives 1 rates, the network has 2 arrays: Dense_0, Dense_1"),
        ("0.1,fast", NETWORK, "read 'fast', expected a rate > 0"),
        ("0.1,0", NETWORK, "read '0', expected a rate > 0; .* frozen in learning.mode"),
        ("0.1,nan", NETWORK, "read 'nan', expected a rate > 0"),
        ("0.1,0.1", NETWORK._replace(inputs=None), "shape of its inputs"),
    ],
)
def test_rates_that_fit_no_arrays_are_refused(text, network, line):
    with pytest.raises(InputError, match=line):
        with_rates(IDEAL.synapse, text, network, ("weight",))


@pytest.mark.slow
def test_weights_in_no_array_have_no_rate_of_their_own():
    from flax import linen as nn

    class Gain(nn.Module):
        @nn.compact
        def __call__(self, x):
            return MLP((3,))(x) * self.param("gain", nn.initializers.ones, (3,))[None]

    with pytest.raises(InputError, match="weights gain lie in no array"):
        with_rates(IDEAL.synapse, "0.1", from_module(Gain(), (5,)), ("weight",))
