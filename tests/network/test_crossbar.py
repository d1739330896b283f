"""What neighbours and wires do to the weights of an array."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.network.crossbar import coupled, dropped, effective
from neuromgd.network.params import NetworkParams
from tests.oracles.resistive import effective_conductance


def cells(rows, columns, low=0.0, seed=0):
    return np.random.default_rng(seed).uniform(low, 1, (rows, columns)).astype(np.float32)


def test_a_cell_takes_on_a_share_of_its_neighbours():
    settings, share = jnp.asarray(cells(5, 7, low=-1)), 0.03
    expected = np.array(settings, float)
    places = [(row, column) for row in range(5) for column in range(7)]
    for here in places:
        for there in places:
            if abs(here[0] - there[0]) + abs(here[1] - there[1]) == 1:
                expected[here] += share * settings[there]
    ours = coupled(jnp.float32(share), settings)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)


def first_order(conductance, wire):
    """The share that every cell loses, from the definition."""
    rows, columns = conductance.shape
    i, j = np.arange(1, rows + 1), np.arange(1, columns + 1)
    along_row = conductance @ np.minimum(j[:, None], j)
    along_column = (rows + 1 - np.maximum(i[:, None], i)) @ conductance
    return wire * (along_row + along_column)


def test_the_drop_is_the_sum_over_the_shared_wires():
    conductance, wire = cells(9, 6).astype(float), 0.002
    ours = dropped(jnp.float32(wire), jnp.asarray(conductance, jnp.float32))
    expected = conductance / (1 + first_order(conductance, wire))
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


@pytest.mark.parametrize("wire", [1e-6, 4e-6, 1.6e-5])
def test_the_drop_agrees_with_kirchhoff_to_first_order(wire):
    """64×64 cells of up to 1 S and wires of 1 to 16 µΩ: 0.4 to 7 % are lost at the worst corner."""
    conductance = cells(64, 64).astype(float)
    loss = first_order(conductance, wire)
    exact = effective_conductance(conductance, wire)
    ours = np.asarray(dropped(jnp.float32(wire), jnp.asarray(conductance, jnp.float32)), float)
    error = np.abs(ours - exact) / conductance.max()
    # What is left is of second order; float32 adds its own grains.
    assert error.max() < loss.max() ** 2 + 1e-6
    assert np.abs(conductance - exact).max() > 3 * error.max()


def test_halving_the_wires_quarters_the_error():
    conductance = cells(64, 64).astype(float)

    def error(wire):
        exact = effective_conductance(conductance, wire)
        return np.abs(conductance / (1 + first_order(conductance, wire)) - exact).max()

    assert error(8e-6) / error(4e-6) == pytest.approx(4, rel=0.1)


def test_negative_weights_lie_in_an_array_of_their_own():
    weight, drop = jnp.asarray(cells(8, 5, low=-1)), jnp.float32(0.01)
    both = dropped(drop, jnp.maximum(weight, 0)) - dropped(drop, jnp.maximum(-weight, 0))
    np.testing.assert_array_equal(dropped(drop, weight), both)
    np.testing.assert_allclose(dropped(drop, -weight), -dropped(drop, weight))


@pytest.mark.parametrize("name", ["crosstalk", "wire_drop"])
def test_strength_zero_is_absence_and_every_array_is_unfolded(name):
    theta = {"conv": jnp.asarray(cells(12, 4)).reshape(2, 2, 3, 4), "bias": jnp.ones(4)}
    none = effective(NetworkParams(**{name: jnp.float32(0)}), theta)
    jax.tree.map(np.testing.assert_array_equal, none, theta)
    some = effective(NetworkParams(**{name: jnp.float32(0.02)}), theta)
    one = {"crosstalk": coupled, "wire_drop": dropped}[name]
    flat = one(jnp.float32(0.02), theta["conv"].reshape(12, 4))
    np.testing.assert_array_equal(some["conv"].reshape(12, 4), flat)
    assert some["bias"].shape == (4,)
