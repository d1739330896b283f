"""Who may be written: the largest requests, or the rows whose turn it is."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window, window_by_steps
from neuromgd.randomness import root_key
from neuromgd.synapse.due import is_among_largest, is_due, is_in_turn
from neuromgd.timing.layer import Tiling
from neuromgd.timing.writing import cells_in_turn
from tests.chip.small import IDEAL, NETWORK, NOISY, number, samples

TAU = Tau(1, 2, 4)


@given(st.integers(0, 2**16), st.sampled_from([0.01, 0.1, 0.25, 0.5, 1.0]))
def test_as_many_are_the_largest_as_asked_for(seed, share):
    request = np.random.default_rng(seed).permutation(np.linspace(-1, 1.1, 80)).reshape(20, 4)
    due = np.asarray(is_among_largest(number(request), number(share)))
    assert due.sum() == max(np.ceil(80 * share - 1e-5), 1)
    assert share == 1 or np.abs(request[due]).min() > np.abs(request[~due]).max()


@pytest.mark.parametrize(("shape", "rows"), [((7, 3), 2), ((2, 3, 4), 4), ((5,), 2), ((), 1)])
def test_every_row_comes_round_equally_often(shape, rows):
    request = jnp.ones(shape)
    lines = int(np.prod(shape[:-1])) if len(shape) > 1 else 1
    turns = -(-lines // rows)
    seen = np.stack([is_in_turn(request, rows, jnp.int32(n)) for n in range(3 * turns)])
    assert (seen.sum(0) == 3).all()
    assert (seen.reshape(3 * turns, lines, -1).any(2).sum(1) <= rows).all()


def test_the_largest_are_sought_among_the_rows_in_turn():
    request = number([[9, 8], [1, 2], [3, 4]])
    due = is_due(request, number(0.1), 1, jnp.int32(1))
    np.testing.assert_array_equal(due, [[0, 0], [0, 1], [0, 0]])


def test_nothing_is_due_where_nothing_is_requested():
    assert not is_due(jnp.zeros((4, 2)), number(0.5), None, jnp.int32(0)).any()


def learnt(design, params=IDEAL, windows=6, engine=window):
    machine = Machine(design, params, TAU)
    chip, advance = fabricate(machine, root_key(1, 0)), jax.jit(engine)
    for event in range(windows):
        chip, _ = advance(machine, chip, jnp.int32(event), samples(4, seed=event))
    return chip


@pytest.mark.parametrize("has_residue", [False, True])
def test_training_writes_as_many_cells_as_the_clock_prices(has_residue):
    rows, windows = 2, 6
    design = Design(NETWORK, rows_per_write=rows, has_residue=has_residue)
    cells = learnt(design, windows=windows).cells
    kernels = [
        one.writes for one in jax.tree.leaves(cells, is_leaf=lambda leaf: hasattr(leaf, "writes"))
        if one.writes.ndim == 2
    ]  # fmt: skip
    written = sum(int(one.sum()) for one in kernels)
    tilings = [Tiling(1, 1, *one.shape, *one.shape, one.size) for one in kernels]
    assert written == windows * sum(cells_in_turn(one, rows) for one in tilings)


def test_a_share_of_the_requests_is_written_and_a_residue_keeps_the_others():
    few = IDEAL.replace(synapse=IDEAL.synapse.replace(write_share=number(0.25)))
    lost = learnt(Design(NETWORK), few, 1)
    kept = learnt(Design(NETWORK, has_residue=True), few, 1)
    for one, residue in zip(
        jax.tree.leaves(kept.cells, is_leaf=lambda leaf: hasattr(leaf, "writes")),
        jax.tree.leaves(kept.residue),
        strict=True,
    ):
        # Requests of equal size are all among the largest or none is.
        assert np.ceil(0.25 * one.writes.size) <= int(one.writes.sum()) < one.writes.size
        assert ((np.asarray(one.writes) > 0) ^ (np.asarray(residue) != 0)).all()
    jax.tree.map(np.testing.assert_array_equal, lost.cells, kept.cells)


@pytest.mark.slow
def test_a_window_at_once_equals_its_timesteps():
    design = Design(NETWORK, rows_per_write=2, has_residue=True)
    params = NOISY.replace(synapse=NOISY.synapse.replace(write_share=number(0.5)))
    one, other = (learnt(design, params, 3, engine) for engine in (window, window_by_steps))
    for a, b in zip(jax.tree.leaves(one.residue), jax.tree.leaves(other.residue), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


@pytest.mark.slow
def test_all_of_it_is_as_if_nothing_was_asked_for():
    whole = IDEAL.replace(synapse=IDEAL.synapse.replace(write_share=number(1.0)))
    all_rows = dataclasses.replace(Design(NETWORK), rows_per_write=100)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6),
        learnt(all_rows, whole, 2).cells, learnt(Design(NETWORK), IDEAL, 2).cells,
    )  # fmt: skip
