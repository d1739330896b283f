"""Networks by name: the sizes of their papers, and each computes what its equations say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.errors import InputError
from neuromgd.network.models import NETWORKS
from neuromgd.network.models.model import Wanted
from neuromgd.network.models.spiking import spikes
from neuromgd.network.models.state_space import hippo
from neuromgd.network.network import from_module
from neuromgd.network.network_check import refuse_network
from neuromgd.network.survey import survey
from neuromgd.numbers import NETWORK_NUMBERS, chosen

INPUTS = {"cnn": (10, 10), "vgg": (8, 8)}
# Inner widths that each takes, small.
HIDDEN = {"cnn": (2, 3), "vgg": (), "transformer": (4, 6)}


def module(name, inputs=None, **more):
    given = more.pop("numbers", {})
    shape = inputs or INPUTS.get(name, (5, 2))
    wanted = Wanted(shape, 3, HIDDEN.get(name, (4,)), activation="tanh")._replace(**more)
    return NETWORKS[name].make(wanted, **chosen(NETWORK_NUMBERS, name, given))


def synapses(network):
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    return sum(leaf.size for leaf in jax.tree.leaves(theta))


@pytest.mark.parametrize(
    ("name", "inputs", "hidden", "numbers", "size"),
    [
        ("cnn", (28, 28), (16, 32, 32), {}, 14_378),
        ("cnn", (32, 32, 3), (16, 32, 64), {}, 26_154),
        *(("vgg", (28, 28), (), {"width": d}, 439 * d**2 + 71 * d + 10) for d in (1, 2, 8)),
    ],
)
def test_a_network_is_as_large_as_its_paper_says(name, inputs, hidden, numbers, size):
    own = NETWORKS[name].hidden
    assert own is not None
    assert own(inputs) == hidden
    made = module(name, inputs, outputs=10, hidden=hidden, numbers=numbers)
    assert synapses(from_module(made, inputs)) == size


@pytest.mark.parametrize("name", NETWORKS)
def test_all_weights_of_a_network_lie_in_arrays(name):
    shape = INPUTS.get(name, (5, 2))
    network = from_module(module(name), shape)
    refuse_network(network, name, jax.ShapeDtypeStruct((2, *shape), jnp.float32))
    seen = survey(network, shape, jnp.float32)
    assert seen.loose == ()
    assert len(seen.arrays) >= 2


@pytest.mark.parametrize("name", ["rnn", "state_space", "transformer", "spiking"])
def test_tokens_stay_whole_numbers(name):
    made = module(name, (5,), tokens=7)
    network = from_module(made, (5,), jnp.int32)
    assert "Embed_0" in str(survey(network, (5,), jnp.int32).arrays)


def test_a_recurrent_network_carries_its_state_through_a_sequence():
    made = module("rnn")
    x = jax.random.normal(jax.random.key(1), (3, 5, 2))
    theta = made.init(jax.random.key(0), x)["params"]
    state = np.zeros((3, 4), np.float32)
    again = np.asarray(theta["State_0"]["state"]["recurrent"]["kernel"])
    into, last = theta["input"], theta["last"]["Dense_0"]
    for t in range(5):
        current = np.asarray(x[:, t]) @ np.asarray(into["kernel"]) + np.asarray(into["bias"])
        state = np.tanh(state @ again + current)
    expected = state @ np.asarray(last["kernel"]) + np.asarray(last["bias"])
    np.testing.assert_allclose(made.apply({"params": theta}, x), expected, rtol=1e-4, atol=1e-5)


def test_the_memory_of_a_state_space_network_is_a_polynomial_of_its_past():
    """A signal that stood at 1 all the time is the first Legendre polynomial alone."""
    a, b = hippo(6, 400)
    state = np.zeros(6)
    for _ in range(4000):
        state = a @ state + b
    np.testing.assert_allclose(state, [1, 0, 0, 0, 0, 0], atol=1e-3)
    # One step of the trapezoidal rule on ds/dt = (A s + B u)/L.
    n = np.arange(6)
    roots = np.sqrt(2 * n + 1.0)
    plain = -np.where(n[:, None] > n, roots[:, None] * roots, np.diag(n + 1.0))
    state = np.linspace(-1, 1, 6)
    after = a @ state + 0.3 * b
    slope = plain @ (state + after) / 2 + roots * 0.3
    np.testing.assert_allclose(after - state, slope / 400, atol=1e-12)


def test_a_membrane_leaks_fires_at_one_and_starts_anew():
    current = np.array([[0.6, 0.3], [0.6, 0.9], [0.6, -1.0], [0.6, 2.5]], np.float32)
    fired = spikes(jnp.asarray(current)[None], 0.5)[0]
    # 0.6, 0.9, 1.05 fires, 0.6 from 0 again; 0.3, 1.05 fires, −1, 2 fires.
    np.testing.assert_array_equal(fired, [[0, 0], [0, 1], [1, 0], [0, 1]])


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("cnn", {"inputs": (4,)}, "takes images"),
        ("cnn", {"inputs": (4, 4), "hidden": (2, 2)}, "nothing is left of images of 4 × 4"),
        ("vgg", {"inputs": (7, 8)}, "nothing is left of images of 7 × 8"),
        ("rnn", {"hidden": ()}, "the width of the state"),
        ("transformer", {"hidden": (6,)}, "that of its inner layer"),
        ("transformer", {"hidden": (5, 6)}, "must divide the width 5"),
    ],
)
def test_what_a_network_cannot_be_is_told_in_one_line(name, options, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        module(name, **options)
    assert "\n" not in str(refused.value)
