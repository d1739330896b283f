"""Rows that subtract their mean: what they keep, what is learnt, and how noisy that is."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.passes import read_out
from neuromgd.chip.window import window, window_by_steps
from neuromgd.errors import InputError
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, NETWORK, ONE_LAYER, number, samples
from tests.statistics import assert_mean

NODE = MODES["node"]
CENTRED = IDEAL.replace(network=IDEAL.network.replace(centre_windows=number(2)))
MEAN = jnp.asarray([0.4, -0.3, 0.0, 1.0, -0.8])


def flat(tree):
    return jnp.concatenate([jnp.ravel(leaf) for leaf in jax.tree.leaves(tree)])


@pytest.mark.parametrize(
    ("network", "mode", "tau"),
    [(ONE_LAYER, NODE, Tau(1, 1, 4)), (NETWORK, by_array(("weight", "node")), Tau(2, 2, 4))],
)
def test_rows_subtract_a_running_mean_of_what_drives_them(network, mode, tau):
    """The mean of all windows, until its time constant of two is over; a window is its steps."""
    found, shown = [], [samples(4 // tau.sample, seed=place) for place in range(3)]
    for engine in (window, window_by_steps):
        machine = Machine(Design(network, mode=mode), CENTRED, tau)
        chip, advance = fabricate(machine, root_key(1, 0)), jax.jit(engine)
        for place, sample in enumerate(shown):
            chip, _ = advance(machine, chip, jnp.int32(place), sample)
        found.append((weights(chip), chip.centre))
    for a, b in zip(*map(jax.tree.leaves, found), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
    first, second, third = (np.mean(np.asarray(sample.x), axis=0) for sample in shown)
    expected = ((first + second) / 2 + third) / 2
    np.testing.assert_allclose(found[0][1].mean[0], expected, rtol=1e-4, atol=1e-6)


def test_the_estimate_is_the_slope_behind_centred_rows():
    """Unbiased, and E‖Ĝ‖² = ‖g‖²·N(1 + ‖x − x̄‖²) of one array: N neurons, a bias driven by 1."""
    params = CENTRED.replace(synapse=CENTRED.synapse.replace(learning_rate=number(1)))
    design = Design(ONE_LAYER, mode=NODE, step_normalisation="none", cost_difference="exact")
    machine, shown = Machine(design, params, Tau(1, 1, 1)), samples(1, seed=5)
    chip = fabricate(machine, root_key(3, 0))
    chip = chip.replace(centre=chip.centre.replace(mean={0: MEAN}))
    before = weights(chip)

    def one(place):
        after, _ = window(machine, chip, place, shown)
        return flat(jax.tree.map(jnp.subtract, before, weights(after)))

    drawn = np.asarray(jax.jit(lambda: jax.lax.map(one, jnp.arange(8_000), batch_size=500))())
    cost = lambda theta: design.cost(ONE_LAYER.apply(theta, shown.x - MEAN[None])[0], shown.y[0])
    slopes = jax.grad(cost)(before)
    variance = np.var(drawn, axis=0, ddof=1)
    assert_mean(drawn, np.asarray(flat(slopes)), variance, sees=0.1)
    power = float(jnp.sum(jnp.square(slopes["Dense_0"]["bias"])))
    length, centred = np.sum(drawn.astype(float) ** 2, axis=1), shown.x[0] - MEAN
    expected = power * 3 * (1 + float(jnp.sum(jnp.square(centred))))
    assert_mean(length, expected, np.var(length, ddof=1), sees=0.1)
    # What is shown for a score goes the same way.
    keys = jax.random.split(jax.random.key(0), 1)
    outputs = read_out(machine, chip, before, shown.x, keys)
    np.testing.assert_allclose(outputs, ONE_LAYER.apply(before, shown.x - MEAN[None]), rtol=1e-5)


@pytest.mark.parametrize(
    ("mode", "gate", "line"),
    [
        (MODES["weight"], "none", "does not note what drives its rows"),
        (by_array(("weight", "node")), "pre", "no input is 0"),
    ],
)
def test_where_nobody_sees_the_rows_it_is_refused(mode, gate, line):
    machine = Machine(Design(NETWORK, mode=mode, gate=gate), CENTRED, Tau(1, 1, 1))
    with pytest.raises(InputError, match=line):
        fabricate(machine, root_key(0, 0))
