"""The power of one kick, against the mean over all patterns of signs."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.bus.costs import COSTS
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.node import by_array
from neuromgd.data.sample import Sample
from neuromgd.fleet.shots import has_shots, shot
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.scale import scaled
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import number

# Weights are kicked by 0.01, neurons by 0.2.
PARAMS = ChipParams(
    synapse=SynapseParams(
        amplitude=number(0.01), node_amplitude=number(0.2), learning_rate=number(0.1)
    )
)


class Strip(nn.Module):
    """A convolution at two positions, and a sum of what comes out."""

    @nn.compact
    def __call__(self, x):
        y = jnp.tanh(nn.Conv(2, (2,), padding="VALID", name="conv")(x[..., None]))
        return y.sum((1, 2))[:, None]


def power_of(network, mode, gate, x):
    design = Design(network, COSTS["mse"], mode, gate=gate)
    machine = Machine(design, PARAMS, Tau(1, 1, 4))
    chip = fabricate(machine, root_key(1, 0))
    # Biases start at 0, where a wrong one would not show.
    sample = Sample(jnp.asarray([x]), jnp.asarray([0.3])[None])
    assert has_shots(machine, weights(chip))
    found = jax.jit(lambda chip: shot(machine, chip, sample))(chip)
    return weights(chip), found


def mean_power(slopes, traces):
    """Mean over all signs ξ of ‖(Σ ξ·Δ·h)·trace(ξ)/Δ‖², for the kicks of one array."""
    signs = np.asarray(list(itertools.product((-1.0, 1.0), repeat=len(slopes))))
    return np.mean([np.dot(one, slopes) ** 2 * traces(one) for one in signs])


@pytest.mark.slow
def test_of_weights_with_gates_beside_neurons():
    """3 inputs of which one is 0, 2 rectifiers of which one is off, 1 output that is kicked."""
    network = from_module(MLP((2, 1), activation="relu"), (3,))
    x = np.asarray([0.7, 0.0, -0.4], np.float32)
    theta, found = power_of(network, by_array(("weight", "node")), "pre,post", x)
    first, last = theta["Dense_0"]["kernel"], theta["Dense_1"]["kernel"][:, 0]
    z = x @ first
    is_on = (np.asarray(z) > 0).astype(float)
    assert is_on.sum() == 1
    hidden = np.maximum(z, 0)
    slope = 2 * (hidden @ last - 0.3)
    # In the order of the kicks: 6 weights, 2 biases, the neuron behind the output.
    back = slope * last * is_on
    slopes = np.concatenate([0.01 * np.outer(x, back).ravel(), 0.01 * back, [0.2 * slope]])
    open_weights = np.outer(x != 0, is_on).sum()
    of = lambda traces: mean_power(slopes, traces)
    wanted = {
        "Dense_0": {"kernel": of(lambda s: open_weights) / 0.01**2,
                    "bias": of(lambda s: is_on.sum()) / 0.01**2},
        "Dense_1": {"kernel": of(lambda s: np.sum(hidden**2)) / 0.2**2,
                    "bias": of(lambda s: 1.0) / 0.2**2},
    }  # fmt: skip
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4), found, wanted)


@pytest.mark.parametrize("weight_scale", [0.5])
def test_of_neurons_at_several_positions(weight_scale):
    """Σ ξ_p·x_p over two positions: kicks of one neuron meet each other."""
    network = scaled(from_module(Strip(), (3,)), weight_scale)
    x = np.asarray([0.7, 0.2, -0.4], np.float32)
    theta, found = power_of(network, by_array(None), "none", x)
    kernel = weight_scale * np.asarray(theta["conv"]["kernel"])[:, 0]
    patches = np.stack([x[:2], x[1:]])
    y = np.tanh(patches @ kernel)
    slopes = (0.2 * 2 * (y.sum() - 0.3) * (1 - y**2)).ravel()

    def traces(signs):
        return weight_scale**2 * np.sum((patches.T @ signs.reshape(2, 2)) ** 2)

    wanted = mean_power(slopes, traces) / 0.2**2
    np.testing.assert_allclose(found["conv"]["kernel"], wanted, rtol=1e-4)


def test_it_is_told_of_independent_signs_alone():
    network, theta = from_module(MLP((1,)), (3,)), None
    theta = network.initialise(jax.random.key(0))
    known = lambda code, tau: has_shots(
        Machine(Design(network, mode=by_array(None), code=CODES[code]), PARAMS, tau), theta
    )
    assert known("product", Tau(1, 1, 4))
    assert known("rademacher", Tau(2, 2, 4))
    assert not known("rademacher", Tau(1, 2, 4))
    assert not known("walsh", Tau(1, 1, 4))
