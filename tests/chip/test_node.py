"""Node perturbation: unbiased, of known variance, the same at once as step by step."""

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
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.step import step
from neuromgd.chip.window import steps_because, window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.network.network import from_module
from neuromgd.network.scale import scaled
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, number, samples
from tests.statistics import assert_mean

NODE = MODES["node"]
ONE = Tau(1, 1, 1)
MIXED = by_array(("weight", "node"))


class Convolution(nn.Module):
    """A convolution, its average over positions, and a dense array behind it."""

    @nn.compact
    def __call__(self, x):
        x = nn.tanh(nn.Conv(3, (3,), padding="VALID")(x[..., None]))
        return nn.Dense(3)(jnp.mean(x, axis=1))


CONVOLUTION = from_module(Convolution(), (5,))


def ready(params, **numbers):
    """Parameters whose learning circuits have other numbers."""
    own = {name: None if value is None else number(value) for name, value in numbers.items()}
    return params.replace(synapse=params.synapse.replace(**own))


def gradient(network, theta, shown):
    cost = Design(network).cost
    whole = lambda theta: jnp.mean(jax.vmap(cost)(network.apply(theta, shown.x), shown.y))
    return jax.grad(whole)(theta)


def estimates(network, mode, count, tau=ONE, shown=None, **choices):
    """(count, synapses) estimates of the gradient at the first weights, and that gradient."""
    design = Design(network, mode=mode, step_normalisation="none", **choices)
    params = ready(IDEAL, amplitude=0.01, node_amplitude=0.02, learning_rate=1)
    machine = Machine(design, params, tau)
    chip = fabricate(machine, root_key(3, 0))
    before, shown = weights(chip), samples(1, seed=5) if shown is None else shown

    def one(number):
        after, _ = window(machine, chip, number, shown)
        return flat(jax.tree.map(jnp.subtract, before, weights(after)))

    drawn = jax.jit(lambda: jax.lax.map(one, jnp.arange(count), batch_size=500))()
    return np.asarray(drawn, float), np.asarray(flat(gradient(network, before, shown)), float)


def flat(tree):
    return jnp.concatenate([jnp.ravel(leaf) for leaf in jax.tree.leaves(tree)])


@pytest.mark.parametrize(
    ("network", "mode"),
    [(NETWORK, NODE), (CONVOLUTION, NODE), (scaled(NETWORK, 0.3), MIXED), (CONVOLUTION, MIXED)],
)
def test_the_estimate_is_unbiased(network, mode):
    drawn, true = estimates(network, mode, 12_000, cost_difference="exact")
    # Without a closed form for every mode, the variance is that of the samples.
    assert_mean(drawn, true, np.var(drawn, axis=0, ddof=1), sees=0.08)


@pytest.mark.slow
def test_a_kick_is_of_finite_size():
    """The bias of a finite kick is of second order: far below what 12,000 estimates show."""
    drawn, true = estimates(NETWORK, NODE, 12_000)
    assert_mean(drawn, true, np.var(drawn, axis=0, ddof=1), sees=0.08)


@pytest.mark.parametrize(
    "code",
    [
        code
        if code in ("rademacher", "product", "walsh")
        else pytest.param(code, marks=pytest.mark.slow)
        for code in CODES
    ],
)
def test_every_code_tells_neurons_apart(code):
    drawn, true = estimates(NETWORK, NODE, 12_288, code=CODES[code], cost_difference="exact")
    variance = np.var(drawn, axis=0, ddof=1)
    assert_mean(drawn, true, variance, sees=0.08)


@pytest.mark.parametrize("times", [1, 4])
def test_the_length_of_an_estimate_follows_the_law(times):
    """E‖Ĝ‖² = ‖∇C‖² + (‖g‖²·Σ_a N_a‖x_a‖² − ‖∇C‖²)/T: neurons times the power of their rows.

    g is the slope of the cost along all N = ΣN_a neurons; a bias has a row of its own, driven by 1.
    """
    drawn, true = estimates(NETWORK, NODE, 8_000, Tau(times, 1, times), cost_difference="exact")
    chip = fabricate(Machine(Design(NETWORK), IDEAL, Tau(1, 1, 1)), root_key(3, 0))
    theta, x = weights(chip), samples(1, seed=5).x[0]
    hidden = np.tanh(x @ theta["Dense_0"]["kernel"] + theta["Dense_0"]["bias"])
    slopes = gradient(NETWORK, theta, samples(1, seed=5))
    # The slope along a neuron is that of its bias.
    power = sum(np.sum(np.square(slopes[name]["bias"])) for name in slopes)
    counted = 6 * (1 + np.sum(np.square(x))) + 3 * (1 + np.sum(np.square(hidden)))
    expected = np.sum(true**2) * (1 - 1 / times) + power * counted / times
    length = np.sum(drawn**2, axis=1)
    assert_mean(length, expected, np.var(length, ddof=1), sees=0.1)


def test_an_array_alone_moves_by_the_rate_times_the_gradient():
    """With one array the normalised step is η‖∇C‖ long whatever is on its rows."""
    network = from_module(nn.Dense(8), (5,))
    slopes = jnp.arange(1.0, 9.0)
    cost = lambda output, _: jnp.sum(output * slopes)
    design = Design(network, cost, mode=NODE)
    machine = Machine(design, ready(IDEAL, learning_rate=1), Tau(4, 1, 4))
    chip, shown = fabricate(machine, root_key(0, 0)), samples(1, seed=2)
    before = weights(chip)

    def one(number):
        after, _ = window(machine, chip, number, shown)
        return jnp.sum(jnp.square(flat(jax.tree.map(jnp.subtract, before, weights(after)))))

    length = jax.jit(lambda: jax.lax.map(one, jnp.arange(8_000), batch_size=500))()
    whole = lambda theta: jnp.sum(network.apply(theta, shown.x)[0] * slopes)
    expected = jnp.sum(jnp.square(flat(jax.grad(whole)(before))))
    assert_mean(np.asarray(length, float), float(expected), np.var(length, ddof=1), sees=0.1)


def after(engine, network, mode, tau, params, windows=2, **choices):
    """What some windows leave of cells and records."""
    design = Design(network, mode=mode, **choices)
    machine, advance, records = Machine(design, params, tau), jax.jit(engine), []
    chip = fabricate(machine, root_key(1, 0))
    for place in range(windows):
        shown = samples(tau.update // tau.sample, seed=place)
        chip, record = advance(machine, chip, jnp.int32(place), shown)
        records.append(record)
    return chip.cells, records


LINEAR, EVERY = ready(IDEAL, node_amplitude=0.03), ready(CIRCUITS, node_amplitude=0.03)


def slow(*choice):
    """A choice that takes long to compile and differs in shapes alone."""
    return pytest.param(*choice, marks=pytest.mark.slow)


# Sums at once, broadcasts one by one, slot by slot; every choice occurs with each of them.
CHOICES = [
    (NETWORK, NODE, LINEAR, Tau(1, 4, 8), "timestep", "reuse", "finite", "rademacher"),
    (CONVOLUTION, NODE, LINEAR, Tau(4, 2, 8), "perturbation", "central", "exact", "walsh"),
    (NETWORK, NODE, EVERY, Tau(4, 2, 8), "timestep", "two_pass", "exact", "product"),
    slow(CONVOLUTION, NODE, EVERY, Tau(2, 2, 4), "perturbation", "central", "finite", "rademacher"),
    (CONVOLUTION, MIXED, LINEAR, Tau(4, 4, 8), "perturbation", "two_pass", "exact", "product"),
    (NETWORK, MIXED, LINEAR, Tau(1, 2, 4), "timestep", "central", "finite", "product"),
    slow(NETWORK, MIXED, EVERY, Tau(2, 2, 4), "timestep", "central", "exact", "rademacher"),
    (CONVOLUTION, MIXED, EVERY, Tau(4, 2, 4), "perturbation", "two_pass", "finite", "product"),
]


@pytest.mark.parametrize(
    ("network", "mode", "params", "tau", "broadcast", "reference", "difference", "code"), CHOICES
)
def test_a_window_at_once_equals_its_timesteps(
    network, mode, params, tau, broadcast, reference, difference, code
):
    choices = dict(
        broadcast=broadcast, reference=REFERENCES[reference], cost_difference=difference,
        code=CODES[code],
    )  # fmt: skip
    at_once, by_steps = (
        after(engine, network, mode, tau, params, **choices) for engine in (window, window_by_steps)
    )
    assert steps_because(Machine(Design(network, mode=mode), params, tau)) is None
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(by_steps), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=3e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("params", "delay"), [(IDEAL, 0), (CIRCUITS, 3)])
def test_where_every_array_kicks_its_weights_nothing_differs(params, delay):
    words = by_array(("weight", "weight"))
    plain, own = (
        after(window_by_steps, NETWORK, mode, Tau(2, 2, 8), params, delay=delay)
        for mode in (MODES["weight"], words)
    )
    jax.tree.map(np.testing.assert_array_equal, plain[0], own[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "delay", "broadcast"), [(NODE, 4, "perturbation"), (MIXED, 3, "timestep")]
)
def test_a_late_cost_change_meets_what_it_belongs_to(mode, delay, broadcast):
    """With memory enough the same sums come, only later."""
    sums = []
    for late in (delay, 0):
        design = Design(NETWORK, mode=mode, delay=late, broadcast=broadcast)
        # No window ends in this time, so nothing is written.
        machine = Machine(design, IDEAL, Tau(2, 2, 80))
        chip, advance = fabricate(machine, root_key(1, 0)), jax.jit(step)
        for n in range(8 - delay + late):
            sample = jax.tree.map(lambda leaf, n=n: leaf[n // 2][None], samples(4, seed=0))
            chip, _ = advance(machine, chip, jnp.int32(n), sample)
        sums.append(chip.synapse.gradient_sum)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), *sums)


@pytest.mark.slow
def test_too_little_memory_meets_another_kick():
    """A synapse that keeps one number holds a late ΔC against what it saw since."""
    sums = []
    for stored in (None, 1):
        design = Design(NETWORK, mode=NODE, delay=2, stored_perturbations=stored)
        machine = Machine(design, IDEAL, Tau(1, 1, 4))
        chip, _ = jax.jit(window_by_steps)(
            machine, fabricate(machine, root_key(1, 0)), jnp.int32(0), samples(4, 0)
        )
        sums.append(np.asarray(flat(weights(chip))))
    assert np.abs(sums[0] - sums[1]).max() > 1e-3


class Twice(nn.Module):
    """One array that is called two times."""

    @nn.compact
    def __call__(self, x):
        array = nn.Dense(5, name="again")
        return nn.Dense(3)(array(nn.tanh(array(x))))


class Looping(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(3)(nn.RNN(nn.SimpleCell(4))(x[:, :, None])[:, -1])


class Gain(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(3)(x) * self.param("gain", nn.initializers.ones, (3,))[None]


@pytest.mark.parametrize(
    ("module", "line"),
    [(Twice(), "again is called 2 times"), (Looping(), "in a loop"), (Gain(), "weights gain")],
)
def test_a_network_that_it_cannot_teach_is_refused(module, line):
    machine = Machine(Design(from_module(module, (5,)), mode=NODE), IDEAL, Tau(1, 1, 1))
    with pytest.raises(InputError, match=line):
        fabricate(machine, root_key(0, 0))


@pytest.mark.slow
def test_arrays_that_it_cannot_teach_may_kick_their_weights():
    drawn, true = estimates(
        from_module(Twice(), (5,)), by_array(("weight", "node")), 8_000, cost_difference="exact"
    )
    assert_mean(drawn, true, np.var(drawn, axis=0, ddof=1), sees=0.1)


@pytest.mark.parametrize(
    ("words", "line"), [(("node",) * 3, "gives 3 words, the network has 2 arrays: Dense_0")]
)
def test_words_and_arrays_are_as_many(words, line):
    machine = Machine(Design(NETWORK, mode=by_array(words)), IDEAL, Tau(1, 1, 1))
    with pytest.raises(InputError, match=line):
        fabricate(machine, root_key(0, 0))


def test_a_network_without_a_shape_of_inputs_is_refused():
    bare = NETWORK._replace(inputs=None)
    with pytest.raises(InputError, match="the shape of its inputs"):
        fabricate(Machine(Design(bare, mode=NODE), IDEAL, Tau(1, 1, 1)), root_key(0, 0))
