"""The gate of neurons: who is off is not kicked, learns nothing, and nothing is missed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.modes.gates import weight_gates
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.step import step
from neuromgd.chip.window import window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.neurons import ACTIVATIONS, Neurons, is_rectifier
from neuromgd.network.nodes import nodes
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, number, samples
from tests.statistics import assert_mean

NODE = MODES["node"]
RECTIFIED = from_module(MLP((6, 3)), (5,))
NOISY = IDEAL.replace(
    network=IDEAL.network.replace(output_noise=number(0.3), activation_defects=number(0.2))
)
WEIGHTS = by_array(())
EVERY = CIRCUITS.replace(synapse=CIRCUITS.synapse.replace(node_amplitude=number(0.03)))
LOCAL = EVERY.replace(network=EVERY.network.replace(crosstalk=None))


class Convolution(nn.Module):
    """Rectifiers behind a convolution, and behind a dense array that is used elsewhere too."""

    @nn.compact
    def __call__(self, x):
        x = Neurons("relu")(nn.Conv(3, (3,), padding="VALID")(x[..., None]))
        shared = nn.Dense(4)(jnp.mean(x, axis=1))
        return nn.Dense(3)(Neurons("relu")(shared) + shared)


CONVOLUTION = from_module(Convolution(), (5,))


def flat(tree):
    return jnp.concatenate([jnp.ravel(leaf) for leaf in jax.tree.leaves(tree)])


def moves(network, params, count, gate, mode=NODE, code="rademacher"):
    """(count, synapses) changes of all weights by one sample at a rate of 1, and the machine."""
    params = params.replace(synapse=params.synapse.replace(learning_rate=number(1)))
    design = Design(
        network, mode=mode, step_normalisation="none", cost_difference="exact", gate=gate,
        code=CODES[code],
    )  # fmt: skip
    machine = Machine(design, params, Tau(1, 1, 1))
    chip, shown = fabricate(machine, root_key(3, 0)), samples(1, seed=5)
    if "pre" in gate:
        shown = shown.replace(x=shown.x.at[0, 1:3].set(0))
    before = flat(weights(chip))

    def one(number):
        after, _ = window(machine, chip, number, shown)
        return before - flat(weights(after))

    drawn = jax.jit(lambda: jax.lax.map(one, jnp.arange(count), batch_size=500))()
    return np.asarray(drawn, float), weights(chip), shown


def slopes(network, theta, shown):
    cost = Design(network).cost
    return jax.grad(lambda theta: cost(network.apply(theta, shown.x)[0], shown.y[0]))(theta)


@pytest.mark.parametrize("network", [RECTIFIED, pytest.param(CONVOLUTION, marks=pytest.mark.slow)])
def test_the_estimate_is_unbiased_and_exactly_nothing_where_a_neuron_is_off(network):
    drawn, theta, shown = moves(network, IDEAL, 12_000, "post")
    true = np.asarray(flat(slopes(network, theta, shown)), float)
    variance = np.var(drawn, axis=0, ddof=1)
    learns = variance > 0
    assert np.all(true[~learns] == 0)
    assert_mean(drawn[:, learns], true[learns], variance[learns], sees=0.08)
    if network is RECTIFIED:
        x = shown.x[0] @ theta["Dense_0"]["kernel"] + theta["Dense_0"]["bias"]
        off = jnp.broadcast_to(x <= 0, (5, 6))
        of_off = jax.tree.map(jnp.zeros_like, theta)
        of_off["Dense_0"]["kernel"] = off.astype(jnp.float32)
        is_off = np.asarray(flat(of_off)) > 0
        assert 0 < is_off.sum() < 30
        assert np.all(drawn[:, is_off] == 0)


@pytest.mark.parametrize("code", ["rademacher", "product"])
def test_a_gated_weight_is_kicked_where_its_row_and_its_neuron_are_active(code):
    """Exactly 0 elsewhere, the slope on average, and E‖Ĝ‖² = ‖∇C‖² times the open synapses."""
    drawn, theta, shown = moves(RECTIFIED, IDEAL, 12_000, "pre,post", WEIGHTS, code)
    true = slopes(RECTIFIED, theta, shown)
    current = shown.x[0] @ theta["Dense_0"]["kernel"] + theta["Dense_0"]["bias"]
    is_on, every = np.asarray(current) > 0, np.ones(3, bool)
    open_to = {
        "Dense_0": {"bias": is_on, "kernel": np.outer(np.asarray(shown.x[0]) != 0, is_on)},
        "Dense_1": {"bias": every, "kernel": np.outer(is_on, every)},
    }
    learns, true = np.asarray(flat(open_to)) > 0, np.asarray(flat(true), float)
    assert 0 < is_on.sum() < 6
    assert np.all(drawn[:, ~learns] == 0)
    assert np.all(true[~learns] == 0)
    # Var[s_i Σ_j g_j s_j] = Σ_j≠i g_j² over what is kicked.
    variance = np.sum(true**2) - true[learns] ** 2
    assert_mean(drawn[:, learns], true[learns], variance, sees=0.08)
    length = np.sum(drawn**2, axis=1)
    assert_mean(length, learns.sum() * np.sum(true**2), np.var(length, ddof=1), sees=0.1)


@pytest.mark.slow
def test_noise_and_defects_decide_who_is_on():
    """The gate is that of the pass itself: the mean is that of an estimate without a gate."""
    gated, _, _ = moves(RECTIFIED, NOISY, 40_000, "post")
    free, _, _ = moves(RECTIFIED, NOISY, 40_000, "none")
    variance = np.var(gated, axis=0, ddof=1) + np.var(free, axis=0, ddof=1)
    assert_mean(gated - free, np.zeros(gated.shape[1]), variance, sees=0.08)


def test_the_length_of_an_estimate_counts_the_neurons_that_are_on():
    """E‖Ĝ‖² = ‖g‖²·Σ_a N_a‖x_a‖² for one perturbation, with N_a of array a on."""
    drawn, theta, shown = moves(RECTIFIED, IDEAL, 12_000, "post")
    slope, x = slopes(RECTIFIED, theta, shown), shown.x[0]
    current = x @ theta["Dense_0"]["kernel"] + theta["Dense_0"]["bias"]
    power = sum(jnp.sum(jnp.square(slope[name]["bias"])) for name in slope)
    hidden = jnp.maximum(current, 0)
    counted = jnp.sum(jnp.where(current > 0, 1.0, 0.0)) * (1 + jnp.sum(x**2)) + 3 * (
        1 + jnp.sum(hidden**2)
    )
    length = np.sum(drawn**2, axis=1)
    assert_mean(length, float(power * counted), np.var(length, ddof=1), sees=0.1)


@pytest.mark.parametrize(
    ("network", "mode", "params", "tau", "broadcast", "reference", "difference", "closed", "code"),
    [
        (RECTIFIED, NODE, IDEAL, Tau(1, 1, 4), "perturbation", "two_pass", "finite", "post",
         "rademacher"),
        pytest.param(CONVOLUTION, NODE, EVERY, Tau(2, 2, 4), "timestep", "central", "finite",
                     "post", "rademacher", marks=pytest.mark.slow),
        pytest.param(RECTIFIED, by_array(("node", "weight")), EVERY, Tau(1, 1, 4), "perturbation",
                     "two_pass", "exact", "pre,post", "rademacher", marks=pytest.mark.slow),
        (RECTIFIED, WEIGHTS, IDEAL, Tau(4, 2, 4), "timestep", "reuse", "finite", "pre,post",
         "product"),
        pytest.param(RECTIFIED, WEIGHTS, LOCAL, Tau(1, 1, 4), "perturbation", "central", "finite",
                     "pre,post", "low_rank", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_a_window_at_once_equals_its_timesteps(
    network, mode, params, tau, broadcast, reference, difference, closed, code
):
    found = []
    for engine, gate in ((window, closed), (window_by_steps, closed), (window, "none")):
        design = Design(
            network, mode=mode, broadcast=broadcast, reference=REFERENCES[reference],
            cost_difference=difference, gate=gate, code=CODES[code],
        )  # fmt: skip
        machine = Machine(design, params, tau)
        chip, advance = fabricate(machine, root_key(1, 0)), jax.jit(engine)
        for place in range(2):
            shown = samples(tau.update // tau.sample, seed=place)
            shown = shown.replace(x=jnp.where(shown.x < -0.5, 0, shown.x))
            chip, _ = advance(machine, chip, jnp.int32(place), shown)
        found.append(np.asarray(flat(weights(chip))))
    np.testing.assert_allclose(found[0], found[1], rtol=2e-4, atol=3e-5)
    assert np.abs(found[0] - found[2]).max() > 1e-4


@pytest.mark.slow
def test_a_late_cost_change_meets_the_gates_it_belongs_to():
    """With memory enough the same sums come, only later."""
    sums = []
    for late in (3, 0):
        design = Design(RECTIFIED, mode=WEIGHTS, delay=late, broadcast="timestep", gate="pre,post")
        machine = Machine(design, IDEAL, Tau(1, 1, 80))
        chip, advance = fabricate(machine, root_key(1, 0)), jax.jit(step)
        for n in range(3 + late):
            sample = jax.tree.map(lambda leaf, n=n: leaf[n][None], samples(6, seed=0))
            chip, _ = advance(machine, chip, jnp.int32(n), sample)
        sums.append(np.asarray(flat(chip.synapse.gradient_sum)))
    np.testing.assert_allclose(*sums, rtol=1e-4, atol=1e-5)


def test_only_rectifiers_have_a_gate():
    assert [name for name in ACTIVATIONS if is_rectifier(ACTIVATIONS[name])] == ["relu"]
    assert [one.rectified for one in nodes(RECTIFIED)] == [0, None]
    assert [one.rectified for one in nodes(CONVOLUTION)] == [0, None, None]


@pytest.mark.parametrize(
    ("network", "mode", "tau", "gate", "line"),
    [
        (NETWORK, NODE, Tau(1, 1, 1), "post", "no array that could have a gate gives all it has"),
        (NETWORK, WEIGHTS, Tau(1, 1, 1), "post", "no array that could have a gate gives all"),
        (RECTIFIED, NODE, Tau(1, 1, 1), "pre", "no array that kicks its weights is used at one"),
        (RECTIFIED, NODE, Tau(2, 2, 4), "post", "one ΔC for 2 timesteps"),
        (RECTIFIED, WEIGHTS, Tau(1, 4, 4), "pre", "one ΔC for 4 timesteps"),
        (RECTIFIED, MODES["weight"], Tau(1, 1, 1), "post", "of kicked weights it takes the mode"),
    ],
)
def test_where_it_would_bias_or_do_nothing_it_is_refused(network, mode, tau, gate, line):
    with pytest.raises(InputError, match=line):
        fabricate(Machine(Design(network, mode=mode, gate=gate), IDEAL, tau), root_key(0, 0))


def test_an_array_at_many_positions_has_no_gate_for_its_weights():
    machine = Machine(Design(CONVOLUTION, mode=WEIGHTS, gate="pre,post"), IDEAL, Tau(1, 1, 1))
    found = [(gate.array.name, gate.layer) for gate in weight_gates(machine, ())]
    assert found == [("Dense_0", None), ("Dense_1", None)]


def test_beside_crosstalk_a_column_has_no_gate_of_its_own():
    machine = Machine(Design(RECTIFIED, mode=WEIGHTS, gate="post"), EVERY, Tau(1, 1, 1))
    with pytest.raises(InputError, match=r"crosstalk or array\.ir_drop"):
        fabricate(machine, root_key(0, 0))
